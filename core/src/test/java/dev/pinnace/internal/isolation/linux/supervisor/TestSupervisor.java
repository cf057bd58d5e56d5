package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.nio.file.Path;
import java.util.Optional;

/** A container whose supervisor is the test. */
final class TestSupervisor implements AutoCloseable {
  private final EventLoop loop = new EventLoop("events-of-a-test");
  private final UnixSocket.Pair sockets = UnixSocket.pair();
  private final SupervisedContainer container;

  /**
   * @param directory where its files would be
   */
  TestSupervisor(Path directory) {
    container =
        new SupervisedContainer(
            loop,
            sockets.left(),
            new ContainerPlace("c", directory, directory),
            TestSupervisor::unexpected);
  }

  static StartFailedException unexpected(int section, int step, int errno) {
    throw new IllegalStateException("no failure was told");
  }

  EventLoop loop() {
    return loop;
  }

  SupervisedContainer container() {
    return container;
  }

  /** The next request, which is of that type. */
  Frame receive(int type) {
    try (Epoll readable = new Epoll()) {
      readable.add(sockets.right().fd(), 0);
      Optional<UnixSocket.Message> message = sockets.right().receive();
      while (message.isEmpty()) {
        assertThat(readable.await(10_000)).isNotEmpty();
        message = sockets.right().receive();
      }
      Frame frame = Frame.of(message.get());
      assertThat(frame.type()).isEqualTo(type);
      return frame;
    }
  }

  void send(byte[] frame) {
    sockets.right().send(frame);
  }

  /** It ends, or is killed. */
  void end() {
    sockets.right().close();
  }

  @Override
  public void close() {
    container.close();
    end();
    loop.close();
  }
}
