package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import java.util.Optional;

/**
 * How a plan that cannot succeed ended: the step that failed.
 *
 * @param step its number; negative where none is to blame
 * @param errno why
 */
public record TrialAnswer(int step, int errno) {
  /**
   * Waits for it, and for the end of the supervisor, on the calling thread.
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
          if (frame.type() == Frame.RUN_FAILED) {
            frame.descriptors().forEach(fd -> awaitEnd(new Pidfd(fd), millis));
            return new TrialAnswer(frame.payload().getInt(4), frame.payload().getInt(8));
          }
          frame.closeDescriptors();
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

  /**
   * The supervisor has lost its parent. Where this JVM is process 1, or a subreaper, it has become
   * a child of it, and would stay as a zombie.
   */
  private static void awaitEnd(Pidfd supervisor, int millis) {
    try (supervisor;
        Epoll ended = new Epoll()) {
      ended.add(supervisor.fd(), 0);
      if (!ended.await(millis).isEmpty()) {
        supervisor.reap();
      }
    }
  }
}
