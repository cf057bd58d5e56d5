package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.net.UnixSocket;
import java.util.Optional;

/**
 * How a plan that cannot succeed ended: the step that failed.
 *
 * @param step its number; negative where none is to blame
 * @param errno why
 */
public record TrialAnswer(int step, int errno) {
  /**
   * Waits for it, on the calling thread.
   *
   * @return ECONNRESET when the supervisor ended without a word, ETIMEDOUT when it said none
   */
  public static TrialAnswer await(UnixSocket socket, int millis) {
    try (Epoll readable = new Epoll()) {
      readable.add(socket.fd(), 0);
      while (!readable.await(millis).isEmpty()) {
        Optional<UnixSocket.Message> message = socket.receive();
        if (message.isPresent()) {
          Frame frame = Frame.of(message.get());
          frame.closeDescriptors();
          if (frame.type() == Frame.RUN_FAILED) {
            return new TrialAnswer(frame.payload().getInt(4), frame.payload().getInt(8));
          }
        }
      }
      return new TrialAnswer(-1, Errno.ETIMEDOUT);
    } catch (ErrnoException end) {
      if (!end.is(Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN)) {
        throw end;
      }
      return new TrialAnswer(-1, Errno.ECONNRESET);
    }
  }
}
