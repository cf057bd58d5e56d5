package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pipes of an exec; the test is its supervisor. */
@Timeout(60)
class SupervisedExecTest {
  private static final int STARTED = 0x83;
  private static final int STDOUT = 2;
  private static final int STDERR = 3;

  private final EventLoop loop = new EventLoop("events-of-a-test");
  private final UnixSocket.Pair sockets = UnixSocket.pair();
  private final Fd plan = Memfd.create("plan");
  private final SupervisedContainer container =
      new SupervisedContainer(
          loop,
          sockets.left(),
          new ContainerPlace("c", Path.of("/nowhere"), Path.of("/nowhere")),
          SupervisedExecTest::unexpected);
  private SupervisedExec exec;
  private List<Fd> received;

  private static StartFailedException unexpected(int section, int step, int errno) {
    throw new IllegalStateException("no failure was told");
  }

  @BeforeEach
  void start() throws Exception {
    CompletableFuture<SupervisedExec> starting =
        CompletableFuture.supplyAsync(
            () ->
                SupervisedExec.start(
                    loop, container, plan, null, plan, false, SupervisedExecTest::unexpected));
    assertThat(receive().type()).isEqualTo(Frame.WAIT);
    Frame request = receive();
    assertThat(request.type()).isEqualTo(Frame.EXEC);
    received = request.descriptors();
    sockets.right().send(Frame.encode(STARTED, request.id()));
    exec = starting.get(10, TimeUnit.SECONDS);
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
    exec.close();
    container.close();
    sockets.right().close();
    plan.close();
    loop.close();
  }

  private void assertNobodyReads() {
    for (int stream : new int[] {STDOUT, STDERR}) {
      assertThatThrownBy(() -> received.get(stream).write(new byte[] {1}))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EPIPE");
    }
  }

  @Test
  void close_beforeOutputWasAskedFor_endsThePipes() {
    exec.close();
    assertNobodyReads();
  }

  @Test
  void close_whileOutputIsAwaited_endsThePipesAndTellsTheConsumers() throws Exception {
    CompletableFuture<Boolean> out = new CompletableFuture<>();
    CompletableFuture<Boolean> err = new CompletableFuture<>();
    exec.output(
        piece -> out.complete(piece.length == 0),
        piece -> err.complete(piece.length == 0),
        Runnable::run);
    exec.close();
    assertThat(out.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(err.get(10, TimeUnit.SECONDS)).isTrue();
    assertNobodyReads();
  }

  @Test
  void connection_thatEnds_endsThePipes() throws Exception {
    CompletableFuture<?> ended = exec.exit().handle((code, failure) -> failure);
    container.close();
    assertThat(ended.get(10, TimeUnit.SECONDS)).isNotNull();
    assertNobodyReads();
  }

  @Test
  void output_writtenBeforeTheEnd_arrives() throws Exception {
    ByteArrayOutputStream collected = new ByteArrayOutputStream();
    CompletableFuture<Void> end = new CompletableFuture<>();
    received.get(STDOUT).write("early".getBytes(StandardCharsets.US_ASCII));
    received.get(STDOUT).close();
    exec.output(
        piece -> {
          collected.writeBytes(piece);
          if (piece.length == 0) {
            end.complete(null);
          }
        },
        piece -> {},
        Runnable::run);
    end.get(10, TimeUnit.SECONDS);
    assertThat(collected.toString(StandardCharsets.US_ASCII)).isEqualTo("early");
  }

  @Test
  void start_thatFails_isForgotten() throws Exception {
    int before = container.pending();
    CompletableFuture<SupervisedExec> failing =
        CompletableFuture.supplyAsync(
            () ->
                SupervisedExec.start(
                    loop,
                    container,
                    plan,
                    null,
                    plan,
                    false,
                    (section, step, errno) ->
                        new StartFailedException("told", "a step", errno, List.of())));
    Frame request = receive();
    request.closeDescriptors();
    sockets.right().send(Frame.encode(Frame.ERROR, request.id(), 2, 0, 0));
    assertThatThrownBy(() -> failing.get(10, TimeUnit.SECONDS)).hasMessageContaining("told");
    assertThat(container.pending()).isEqualTo(before);
  }

  @Test
  void output_askedForTwice_isRefused() {
    exec.output(piece -> {}, piece -> {}, Runnable::run);
    assertThatThrownBy(() -> exec.output(piece -> {}, piece -> {}, Runnable::run))
        .isInstanceOf(IllegalStateException.class);
  }
}
