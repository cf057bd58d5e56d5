package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExecTie;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Messages of a supervisor whose descriptors find no room, as in a JVM with too many open files.
 */
@Timeout(60)
class LostDescriptorsTest {
  private static final int SOL_SOCKET = 1;
  private static final int SO_PASSCRED = 16;
  private static final int STOPPED = 0x85;
  private static final int STATE_IS = 0x87;

  private final EventLoop loop = new EventLoop("events-of-a-test");
  private final UnixSocket.Pair sockets = UnixSocket.pair();
  private final UnixSocket supervisor = sockets.right();
  private final Fd descriptor = Memfd.create("descriptor");
  private SupervisedContainer container;

  @BeforeEach
  void connect() {
    container =
        new SupervisedContainer(
            loop,
            sockets.left(),
            new ContainerPlace("c", Path.of("/nowhere"), Path.of("/nowhere")),
            (section, step, errno) -> {
              throw new IllegalStateException("no failure was told");
            });
    assertThat(receive().type()).isEqualTo(Frame.WAIT);
    leaveRoom(false);
  }

  @AfterEach
  void end() {
    container.close();
    supervisor.close();
    descriptor.close();
    loop.close();
  }

  /** Credentials that come with a message take the room of its descriptors. */
  private void leaveRoom(boolean room) {
    try (NativeMemory taken = NativeMemory.of(4)) {
      taken.putInt(0, room ? 0 : 1);
      int socket = sockets.left().fd().number();
      Sys.SETSOCKOPT.on("SO_PASSCRED", socket, SOL_SOCKET, SO_PASSCRED, taken.address(), 4);
    }
  }

  private Frame receive() {
    try (Epoll readable = new Epoll()) {
      readable.add(supervisor.fd(), 0);
      Optional<UnixSocket.Message> message = supervisor.receive();
      while (message.isEmpty()) {
        assertThat(readable.await(10_000)).isNotEmpty();
        message = supervisor.receive();
      }
      return Frame.of(message.get());
    }
  }

  private static void saysWhatToDo(CompletableFuture<?> failed) {
    assertThatThrownBy(() -> failed.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PinnaceException.class)
        .hasMessageContaining("what the container's supervisor has sent is lost")
        .hasMessageContaining("EMFILE")
        .hasMessageContaining("ulimit -n");
  }

  @Test
  void answer_failsItsRequest_andLaterOnesAreHeard() throws Exception {
    CompletableFuture<?> asking = CompletableFuture.supplyAsync(container::state);
    Frame asked = receive();
    assertThat(asked.type()).isEqualTo(Frame.STATE);
    supervisor.send(Frame.encode(STATE_IS, asked.id(), 2, 0, 0, 0, 0, 0), descriptor);
    saysWhatToDo(asking);
    leaveRoom(true);
    CompletableFuture<Void> stopping =
        CompletableFuture.runAsync(() -> container.stop(Optional.empty(), Optional.empty()));
    supervisor.send(Frame.encode(STOPPED, receive().id()));
    stopping.get(10, TimeUnit.SECONDS);
    assertThat(container.exit()).isNotDone();
    assertThat(container.gone()).isNotDone();
  }

  private CompletableFuture<SupervisedExec> starting() {
    return CompletableFuture.supplyAsync(
        () ->
            SupervisedExec.start(
                loop,
                container,
                descriptor,
                null,
                descriptor,
                ExecTie.NONE,
                (section, step, errno) -> {
                  throw new IllegalStateException("no failure was told");
                }));
  }

  private Frame receiveExec() {
    Frame asked = receive();
    asked.closeDescriptors();
    assertThat(asked.type()).isEqualTo(Frame.EXEC);
    return asked;
  }

  private void assertKilled(Frame exec) {
    Frame signal = receive();
    assertThat(signal.type()).isEqualTo(Frame.SIGNAL);
    assertThat(signal.payload().getInt(0)).isEqualTo(9);
    assertThat(signal.payload().getInt(4)).isEqualTo(exec.id());
  }

  @Test
  void execWhoseStartCannotBeHeard_hasFailedAndIsKilled() {
    CompletableFuture<SupervisedExec> starting = starting();
    Frame exec = receiveExec();
    supervisor.send(Frame.encode(Frame.EXEC_STARTED, exec.id()), descriptor);
    assertKilled(exec);
    saysWhatToDo(starting);
  }

  @Test
  void execThatStartsAfterAnotherMessageWasLost_isKilled() {
    CompletableFuture<SupervisedExec> starting = starting();
    Frame exec = receiveExec();
    supervisor.send(Frame.encode(Frame.LOG, 0, 0, 0), descriptor);
    assertKilled(exec);
    saysWhatToDo(starting);
    leaveRoom(true);
    supervisor.send(Frame.encode(Frame.EXEC_STARTED, exec.id()), descriptor);
    assertKilled(exec);
  }

  @Test
  void startThatCannotBeHeard_hasFailed() {
    supervisor.send(Frame.encode(Frame.RUN_STARTED, 0, 0, 0, 1, 0), descriptor);
    saysWhatToDo(container.started());
    assertThat(container.exit()).isNotDone();
  }
}
