package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left when the loop is closed, and when the kernel refuses to wait for descriptors. */
@Timeout(60)
class EventLoopTest {
  private final Epoll epoll = new Epoll();
  private final Pipe trigger = Pipe.open();
  private final Pipe watched = Pipe.open();
  private final UnixSocket.Pair sockets = UnixSocket.pair();
  private final EventLoop loop = new EventLoop("events-of-a-test", epoll);

  @AfterEach
  void close() {
    loop.close();
    trigger.close();
    watched.close();
    sockets.left().close();
    sockets.right().close();
  }

  /** The next wait of the loop is on a descriptor that is closed. */
  private void failWaiting() {
    loop.watch(trigger.readEnd(), watch -> epoll.close(), lost -> {});
    trigger.writeEnd().write(new byte[] {1});
  }

  @Test
  void watch_whenWaitingFails_hearsOfIt() throws Exception {
    CompletableFuture<PinnaceException> heard = new CompletableFuture<>();
    loop.watch(watched.readEnd(), watch -> {}, heard::complete);
    failWaiting();
    assertThat(heard.get(10, TimeUnit.SECONDS)).hasMessageContaining("polling thread has failed");
  }

  @Test
  void watch_whenTheLoopIsClosed_hearsOfItOnce() throws Exception {
    CompletableFuture<PinnaceException> heard = new CompletableFuture<>();
    EventLoop.Watch ended = loop.watch(trigger.readEnd(), watch -> {}, heard::complete);
    ended.end();
    List<PinnaceException> losses = new CopyOnWriteArrayList<>();
    loop.watch(watched.readEnd(), watch -> {}, losses::add);
    loop.watch(sockets.right().fd(), watch -> {}, heard::complete);
    loop.close();
    loop.close();
    assertThat(heard.get(10, TimeUnit.SECONDS))
        .isInstanceOf(CancelledException.class)
        .hasMessageContaining("the engine was closed");
    assertThat(losses).hasSize(1);
  }

  @Test
  void container_whenTheLoopIsClosed_tellsWhoeverWaits_andCanBeKilled() {
    SupervisedContainer container = container();
    List<CompletableFuture<?>> waiting =
        List.of(container.started(), container.exit(), container.gone());
    CompletableFuture<?> asked = CompletableFuture.supplyAsync(container::state);
    awaitFrames(Frame.WAIT, Frame.STATE);
    loop.close();
    for (CompletableFuture<?> future : waiting) {
      assertThatThrownBy(() -> Waits.await(future, Duration.ofSeconds(10), "an answer"))
          .isInstanceOf(CancelledException.class)
          .hasMessageContaining("the engine was closed");
    }
    assertThatThrownBy(() -> asked.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("the engine was closed");
    container.abandon();
    awaitFrames(Frame.STOP);
    container.close();
  }

  @Test
  void watch_afterWaitingFailed_isRefused() throws Exception {
    CompletableFuture<PinnaceException> heard = new CompletableFuture<>();
    EventLoop.Watch before = loop.watch(watched.readEnd(), watch -> {}, heard::complete);
    failWaiting();
    heard.get(10, TimeUnit.SECONDS);
    assertThatThrownBy(() -> loop.watch(watched.readEnd(), watch -> {}, lost -> {}))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("close the engine and open it again");
    before.end();
    loop.close();
  }

  @Test
  void handler_thatFails_leavesTheOthersAlone() throws Exception {
    CompletableFuture<Boolean> heard = new CompletableFuture<>();
    loop.watch(
        trigger.readEnd(),
        watch -> {
          watch.end();
          throw new IllegalStateException("a handler that a test lets fail");
        },
        lost -> {});
    trigger.writeEnd().write(new byte[] {1});
    loop.watch(watched.readEnd(), watch -> heard.complete(true), lost -> heard.complete(false));
    watched.writeEnd().write(new byte[] {1});
    assertThat(heard.get(10, TimeUnit.SECONDS)).isTrue();
  }

  private SupervisedContainer container() {
    Path nowhere = Path.of("/nowhere");
    return new SupervisedContainer(
        loop,
        sockets.left(),
        new ContainerPlace("c", nowhere, nowhere),
        (section, step, errno) -> {
          throw new IllegalStateException("nothing was said");
        });
  }

  @Test
  void container_whenWaitingFails_tellsWhoeverWaits() {
    SupervisedContainer container = container();
    List<CompletableFuture<?>> waiting =
        List.of(container.started(), container.exit(), container.gone());
    CompletableFuture<?> asked = CompletableFuture.supplyAsync(container::state);
    awaitFrames(Frame.WAIT, Frame.STATE);
    failWaiting();
    for (CompletableFuture<?> future : waiting) {
      assertThatThrownBy(() -> Waits.await(future, Duration.ofSeconds(10), "an answer"))
          .isInstanceOf(PinnaceException.class)
          .hasMessageContaining("polling thread has failed");
    }
    assertThatThrownBy(() -> asked.get(10, TimeUnit.SECONDS))
        .hasMessageContaining("polling thread has failed");
    container.close();
  }

  @Test
  void container_afterWaitingFailed_canStillBeKilled() {
    SupervisedContainer container = container();
    awaitFrames(Frame.WAIT);
    failWaiting();
    assertThatThrownBy(() -> Waits.await(container.gone(), Duration.ofSeconds(10), "its end"))
        .isInstanceOf(PinnaceException.class);
    assertThatThrownBy(container::state).hasMessageContaining("polling thread has failed");
    container.abandon();
    awaitFrames(Frame.STATE, Frame.STOP);
    container.close();
  }

  /** What the supervisor's end receives. */
  private void awaitFrames(int... types) {
    try (Epoll readable = new Epoll()) {
      readable.add(sockets.right().fd(), 0);
      for (int type : types) {
        Optional<UnixSocket.Message> message = sockets.right().receive();
        while (message.isEmpty()) {
          assertThat(readable.await(10_000)).isNotEmpty();
          message = sockets.right().receive();
        }
        assertThat(message.get().content().getInt(0)).isEqualTo(type);
      }
    }
  }
}
