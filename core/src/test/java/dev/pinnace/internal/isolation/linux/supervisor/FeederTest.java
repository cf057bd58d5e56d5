package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends the feeding of a process, whatever its stream is at. */
@Timeout(60)
class FeederTest {
  private final Pipe pipe = Pipe.open();

  private static Thread started(Feeder feeder) {
    Thread thread = new Thread(feeder, "feeder-of-a-test");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Test
  void end_whileTheStreamIsRead_closesThePipeAndNothingIsWrittenLater() throws Exception {
    PipedOutputStream keys = new PipedOutputStream();
    try (Fd readEnd = pipe.readEnd()) {
      Feeder feeder = new Feeder(new PipedInputStream(keys), pipe.writeEnd());
      Thread thread = started(feeder);
      keys.write('a');
      keys.flush();
      assertThat(readEnd.read(new byte[8], 0, 8)).isEqualTo(1);
      feeder.end();
      assertThat(pipe.writeEnd().isOpen()).isFalse();
      assertThat(readEnd.read(new byte[8], 0, 8)).isZero();
      keys.write('b');
      keys.flush();
      thread.join();
    }
  }

  /** A pipe takes as much as is read at once; the rest of the stream is for others. */
  @Test
  void end_whileThePipeIsFull_endsTheThread_andReadsNoMore() throws Exception {
    CountDownLatch reads = new CountDownLatch(2);
    AtomicInteger pieces = new AtomicInteger();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            throw new AssertionError("it is read in pieces");
          }

          @Override
          public int read(byte[] into, int start, int length) {
            pieces.incrementAndGet();
            reads.countDown();
            return length;
          }
        };
    try (pipe) {
      Feeder feeder = new Feeder(endless, pipe.writeEnd());
      Thread thread = started(feeder);
      reads.await();
      feeder.end();
      thread.join();
      assertThat(pieces).hasValue(2);
    }
  }

  @Test
  void end_onceMore_doesNothing() {
    try (pipe) {
      Feeder feeder = new Feeder(InputStream.nullInputStream(), pipe.writeEnd());
      feeder.end();
      feeder.end();
      feeder.run();
      assertThat(pipe.writeEnd().isOpen()).isFalse();
    }
  }
}
