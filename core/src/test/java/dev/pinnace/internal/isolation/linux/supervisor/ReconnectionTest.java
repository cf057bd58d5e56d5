package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A supervisor that cuts a connection goes on; the test speaks for it. */
@Timeout(60)
class ReconnectionTest {
  private static final String LOOP = "events-of-a-test";
  private static final int STOPPED = 0x85;
  private static final int STATE_IS = 0x87;
  private static final int FOLLOWED = 0x88;
  private static final int NOWHERE = -1;
  private static final Duration LIMIT = Duration.ofSeconds(45);

  private final Epoll epoll = new Epoll();
  private final EventLoop loop = new EventLoop(LOOP, epoll);
  private final BlockingQueue<UnixSocket> served = new LinkedBlockingQueue<>();
  private Process process;
  private SupervisedContainer container;
  private UnixSocket first;

  private static StartFailedException unexpected(int section, int step, int errno) {
    throw new IllegalStateException("no failure was told");
  }

  private UnixSocket connect() {
    UnixSocket.Pair pair = UnixSocket.pair();
    served.add(pair.right());
    return pair.left();
  }

  private SupervisedContainer connected(Duration replyLimit) {
    return new SupervisedContainer(
        loop,
        connect(),
        new ContainerPlace("c", Path.of("/nowhere"), Path.of("/nowhere")),
        ReconnectionTest::unexpected,
        this::connect,
        replyLimit);
  }

  @BeforeEach
  void meet() throws Exception {
    process = new ProcessBuilder("sleep", "600").start();
    container = connected(LIMIT);
    first = next();
    CompletableFuture<Void> met = CompletableFuture.runAsync(container::meetSupervisor);
    assertThat(receive(first).type()).isEqualTo(Frame.WAIT);
    try (Pidfd supervisor = Pidfd.open((int) process.pid())) {
      answerState(first, 0, supervisor.fd());
    }
    met.get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
    container.close();
    served.forEach(UnixSocket::close);
    loop.close();
  }

  private UnixSocket next() throws InterruptedException {
    UnixSocket socket = served.poll(10, TimeUnit.SECONDS);
    assertThat(socket).as("a connection").isNotNull();
    return socket;
  }

  private static Frame receive(UnixSocket socket) {
    try (Epoll readable = new Epoll()) {
      readable.add(socket.fd(), 0);
      Optional<UnixSocket.Message> message = socket.receive();
      while (message.isEmpty()) {
        assertThat(readable.await(10_000)).isNotEmpty();
        message = socket.receive();
      }
      return Frame.of(message.get());
    }
  }

  private static void answerState(UnixSocket socket, int logBytes, Fd... descriptors) {
    Frame request = receive(socket);
    assertThat(request.type()).isEqualTo(Frame.STATE);
    socket.send(Frame.encode(STATE_IS, request.id(), 2, 0, 0, 0, logBytes, 0), descriptors);
  }

  private static void answer(UnixSocket socket, int type, int with) {
    Frame request = receive(socket);
    assertThat(request.type()).isEqualTo(type);
    socket.send(Frame.encode(with, request.id()));
  }

  private CompletableFuture<Void> stopping() {
    return CompletableFuture.runAsync(
        () -> container.stop(Optional.empty(), Optional.of(Duration.ZERO)));
  }

  @Test
  void cut_isNotTheEnd_andTheNextConnectionServes() throws Exception {
    first.close();
    try (UnixSocket second = next()) {
      assertThat(receive(second).type()).isEqualTo(Frame.WAIT);
      answerState(second, 0);
      CompletableFuture<Void> stopping = stopping();
      answer(second, Frame.STOP, STOPPED);
      stopping.get(10, TimeUnit.SECONDS);
      assertThat(container.exit()).isNotDone();
      assertThat(container.gone()).isNotDone();
    }
  }

  @Test
  void cut_whileAQuestionIsOpen_asksAgain() throws Exception {
    CompletableFuture<Void> stopping = stopping();
    assertThat(receive(first).type()).isEqualTo(Frame.STOP);
    first.close();
    try (UnixSocket second = next()) {
      assertThat(receive(second).type()).isEqualTo(Frame.WAIT);
      answerState(second, 0);
      answer(second, Frame.STOP, STOPPED);
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  /** What is of the first connection must not name something of the second. */
  @Test
  void cut_beginsNoNumbersAnew() throws Exception {
    CompletableFuture<Void> stopping = stopping();
    int last = receive(first).id();
    first.close();
    try (UnixSocket second = next()) {
      assertThat(receive(second).id()).isGreaterThan(last);
      answerState(second, 0);
      answer(second, Frame.STOP, STOPPED);
      stopping.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void cut_whileALogIsFollowed_tellsWhatWasMissed() throws Exception {
    BlockingQueue<Long> sizes = new LinkedBlockingQueue<>();
    CompletableFuture<AutoCloseable> following =
        CompletableFuture.supplyAsync(() -> container.follow(sizes::add));
    answer(first, Frame.FOLLOW, FOLLOWED);
    following.get(10, TimeUnit.SECONDS);
    first.close();
    try (UnixSocket second = next()) {
      assertThat(receive(second).type()).isEqualTo(Frame.WAIT);
      answer(second, Frame.FOLLOW, FOLLOWED);
      answerState(second, 77);
      assertThat(sizes.poll(10, TimeUnit.SECONDS)).isEqualTo(77);
      second.send(Frame.encode(Frame.LOG, 0, 78, 0));
      assertThat(sizes.poll(10, TimeUnit.SECONDS)).isEqualTo(78);
    }
  }

  @Test
  void turnedAway_isAConflictThatSaysWhy_andNotTheEnd() throws Exception {
    CompletableFuture<Void> stopping = stopping();
    assertThat(receive(first).type()).isEqualTo(Frame.STOP);
    first.close();
    CompletableFuture<Void> refusing = CompletableFuture.runAsync(() -> refuseUntil(stopping));
    assertThatThrownBy(() -> stopping.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("as many connections as it can serve");
    refusing.get(10, TimeUnit.SECONDS);
    assertThat(container.exit()).isNotDone();
    assertThat(container.gone()).isNotDone();
  }

  private void refuseUntil(CompletableFuture<Void> asked) {
    try {
      while (!asked.isDone()) {
        UnixSocket socket = served.poll(10, TimeUnit.MILLISECONDS);
        if (socket != null) {
          socket.send(Frame.encode(Frame.ERROR, 0, Errno.EUSERS, NOWHERE, NOWHERE));
          assertThat(List.of(receive(socket).type())).containsExactly(Frame.WAIT);
          socket.close();
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void silence_isToldWithWhatMayBeDone() {
    try (SupervisedContainer silent = connected(Duration.ofSeconds(1))) {
      assertThatThrownBy(silent::state)
          .isInstanceOf(TimedOutException.class)
          .hasMessage(
              "the supervisor of container c has not answered within 1 s: it is stopped, or stuck;"
                  + " SIGCONT lets a stopped one go on");
    }
  }

  @Test
  void endOfTheProcess_isTheEnd() throws Exception {
    process.destroyForcibly().waitFor();
    container.gone().get(10, TimeUnit.SECONDS);
    assertThat(container.exit().get(10, TimeUnit.SECONDS)).isEmpty();
  }

  /** Whoever comes second must not touch the descriptor, whose number may be another's. */
  @Test
  void close_whileTheEndOfTheProcessIsSeen_leavesItToWhoSees() throws Exception {
    synchronized (epoll) { // so that the watch of the process is being ended
      process.destroyForcibly();
      while (!isHeld()) {
        Thread.sleep(1);
      }
      container.close();
    }
    assertThat(container.gone().get(10, TimeUnit.SECONDS)).as("seen as ended").isNull();
  }

  private static boolean isHeld() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().equals(LOOP) && t.getState() == Thread.State.BLOCKED);
  }

  @Test
  void close_isNotReconnected() throws IOException {
    container.close();
    first.close();
    assertThat(served).isEmpty();
    assertThat(container.exit()).isCompletedExceptionally();
  }

  @Test
  void supervisorThatReadsNothing_isNotTakenForOneThatHasEnded() {
    Throwable refusal = null;
    while (!(refusal instanceof ConflictException)) {
      Thread.currentThread().interrupt(); // so that no answer is waited for
      refusal = catchThrowable(() -> container.stop(Optional.empty(), Optional.empty()));
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(refusal).hasMessageContaining("stopped, or stuck");
  }
}
