package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Why an attachment ends; the test is its supervisor. */
@Timeout(60)
class SupervisedAttachmentTest {
  @TempDir private Path directory;

  private final EventLoop loop = new EventLoop("events-of-a-test");
  private final UnixSocket.Pair sockets = UnixSocket.pair();
  private SupervisedContainer container;
  private SupervisedAttachment attachment;
  private List<Fd> received;

  @BeforeEach
  void attach() {
    container =
        new SupervisedContainer(
            loop,
            sockets.left(),
            new ContainerPlace("c", directory, directory),
            SupervisedAttachmentTest::unexpected);
    attachment =
        SupervisedAttachment.begin(
            loop,
            container,
            new AttachRequest(
                Optional.empty(),
                Optional.empty(),
                piece -> {},
                piece -> {},
                ForkJoinPool.commonPool()),
            Optional.empty());
    assertThat(receive().type()).isEqualTo(Frame.WAIT);
    Frame request = receive();
    assertThat(request.type()).isEqualTo(Frame.ATTACH);
    received = request.descriptors();
  }

  private static StartFailedException unexpected(int section, int step, int errno) {
    throw new IllegalStateException("no failure was told");
  }

  private Frame receive() {
    try (Epoll readable = new Epoll()) {
      readable.add(sockets.right().fd(), 0);
      Optional<UnixSocket.Message> message = sockets.right().receive();
      while (message.isEmpty()) {
        assertThat(readable.await(10_000)).isNotEmpty();
        message = sockets.right().receive();
      }
      return Frame.of(message.get());
    }
  }

  @AfterEach
  void close() {
    received.forEach(Fd::close);
    attachment.close();
    container.close();
    sockets.right().close();
    loop.close();
  }

  private Detachment reason() throws Exception {
    return attachment.over().get(10, TimeUnit.SECONDS);
  }

  @Test
  void containerOfWhoseEndNothingIsKnown_hasEnded() throws Exception {
    Files.writeString(directory.resolve("exit"), "damaged");
    sockets.right().close();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.ENDED);
    assertThat(container.exit()).isCompletedExceptionally();
  }

  @Test
  void engineThatIsClosed_closesIt() throws Exception {
    container.close();
    received.forEach(Fd::close);
    assertThat(reason()).isEqualTo(Detachment.CLOSED);
  }

  @Test
  void close_endsTheFeedingAtOnce() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    attachment.fed(() -> ended.set(true));
    assertThat(ended).isFalse();
    attachment.close();
    assertThat(ended).isTrue();
    assertThat(reason()).isEqualTo(Detachment.CLOSED);
  }
}
