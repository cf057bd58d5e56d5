package dev.pinnace.internal.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who writes and who reads end together, and the one that failed first says why. */
@Timeout(30)
class TarPipeTest {
  private static final byte[] MUCH = new byte[1 << 20];

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() throws InterruptedException {
    threads.shutdown();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void through_whatIsWritten_isRead() throws IOException {
    byte[] read = TarPipe.through(threads, out -> out.write(MUCH), in -> in.readAllBytes());
    assertThat(read).isEqualTo(MUCH);
  }

  @Test
  void through_writerThatFails_isTheReason() {
    IOException failure = new IOException("disk");
    assertThatThrownBy(
            () ->
                TarPipe.through(
                    threads,
                    out -> {
                      throw failure;
                    },
                    in -> {
                      throw new IOException("cut off after " + in.readAllBytes().length);
                    }))
        .isSameAs(failure);
  }

  @Test
  void through_writerThatFails_isNotOverlookedByAReaderThatIsContent() {
    IllegalStateException failure = new IllegalStateException("injected");
    assertThatThrownBy(
            () ->
                TarPipe.through(
                    threads,
                    out -> {
                      throw failure;
                    },
                    in -> in.readAllBytes()))
        .isSameAs(failure);
  }

  @Test
  void through_readerThatFails_endsTheWriter() {
    IOException failure = new IOException("full");
    assertThatThrownBy(
            () ->
                TarPipe.through(
                    threads,
                    out -> out.write(MUCH),
                    in -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void through_interrupted_isCancelled() {
    CountDownLatch never = new CountDownLatch(1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () ->
                TarPipe.through(
                    threads,
                    out -> {
                      out.write(MUCH);
                      never.countDown();
                    },
                    in -> in.read()))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(never.getCount()).isOne();
  }

  @Test
  void through_threadsThatAreGone_isRefused() {
    threads.shutdown();
    assertThatThrownBy(() -> TarPipe.through(threads, out -> {}, in -> in.read()))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
