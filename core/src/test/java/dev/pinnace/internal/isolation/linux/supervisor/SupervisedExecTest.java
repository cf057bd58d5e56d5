package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.spi.isolation.ExecTie;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
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

  private final Fd plan = Memfd.create("plan");
  private final TestSupervisor supervisor = new TestSupervisor(Path.of("/nowhere"));
  private final SupervisedContainer container = supervisor.container();
  private SupervisedExec exec;
  private List<Fd> received;

  @BeforeEach
  void start() throws Exception {
    CompletableFuture<SupervisedExec> starting =
        CompletableFuture.supplyAsync(
            () ->
                SupervisedExec.start(
                    supervisor.loop(),
                    container,
                    plan,
                    null,
                    plan,
                    ExecTie.OUTPUT,
                    TestSupervisor::unexpected));
    Frame unused = supervisor.receive(Frame.WAIT);
    Frame request = supervisor.receive(Frame.EXEC);
    received = request.descriptors();
    supervisor.send(Frame.encode(STARTED, request.id()));
    exec = starting.get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() {
    received.forEach(Fd::close);
    exec.close();
    supervisor.close();
    plan.close();
  }

  private void assertNobodyReads() {
    for (int stream : new int[] {STDOUT, STDERR}) {
      assertThatThrownBy(() -> received.get(stream).write(new byte[] {1}))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EPIPE");
    }
  }

  /** Asks to leave it alone, which is answered like that. */
  private boolean leave(byte[] answer) throws Exception {
    CompletableFuture<Boolean> leaving =
        CompletableFuture.supplyAsync(() -> exec.leave("its text"));
    Frame request = supervisor.receive(Frame.LEAVE);
    byte[] text = new byte[20];
    try (Fd sent = request.descriptors().get(0)) {
      assertThat(sent.readAt(0, text, 0, text.length)).isEqualTo(8);
    }
    assertThat(new String(text, 0, 8, StandardCharsets.UTF_8)).isEqualTo("its text");
    supervisor.send(
        ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).putInt(4, request.id()).array());
    try {
      return leaving.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private static byte[] error(int errno) {
    return Frame.encode(Frame.ERROR, 0, errno, -1, -1);
  }

  @Test
  void leave_isWhatTheSupervisorSays() throws Exception {
    assertThat(leave(Frame.encode(0x80 | Frame.LEAVE, 0))).isTrue();
    assertThat(leave(error(Errno.ESRCH))).isFalse();
    assertThatThrownBy(() -> leave(error(Errno.ENOSYS)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("does not know that");
    assertThatThrownBy(() -> leave(error(Errno.EALREADY)))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("does not let go: EALREADY");
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
  void output_thatIsNotHandedOnYet_isMore() throws Exception {
    BlockingQueue<Runnable> reading = new LinkedBlockingQueue<>();
    CompletableFuture<Boolean> more = new CompletableFuture<>();
    exec.output(piece -> more.complete(exec.hasMore()), piece -> {}, reading::add);
    assertThat(exec.hasMore()).isFalse();
    received.get(STDOUT).write(new byte[] {1});
    Runnable read = reading.poll(10, TimeUnit.SECONDS);
    assertThat(read).isNotNull();
    assertThat(exec.hasMore()).isTrue();
    read.run();
    assertThat(more.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(exec.hasMore()).isFalse();
  }

  @Test
  void start_thatFails_isForgotten() throws Exception {
    int before = container.pending();
    CompletableFuture<SupervisedExec> failing =
        CompletableFuture.supplyAsync(
            () ->
                SupervisedExec.start(
                    supervisor.loop(),
                    container,
                    plan,
                    null,
                    plan,
                    ExecTie.OUTPUT,
                    (section, step, errno) ->
                        new StartFailedException("told", "a step", errno, List.of())));
    Frame request = supervisor.receive(Frame.EXEC);
    request.closeDescriptors();
    supervisor.send(Frame.encode(Frame.ERROR, request.id(), 2, 0, 0));
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
