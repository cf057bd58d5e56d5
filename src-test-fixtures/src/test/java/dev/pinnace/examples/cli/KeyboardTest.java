package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is typed, piece by piece, and who gets it. */
@Timeout(60)
class KeyboardTest {
  private static final String HUNG_UP = "";

  private final BlockingQueue<String> typed = new LinkedBlockingQueue<>();
  private final CountDownLatch detached = new CountDownLatch(1);

  /** A terminal: what is typed at once is read at once. */
  private final InputStream terminal =
      new InputStream() {
        @Override
        public int read() {
          throw new UnsupportedOperationException("it is read in pieces");
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          try {
            byte[] piece = typed.take().getBytes(StandardCharsets.US_ASCII);
            if (piece.length == 0) {
              throw new IOException("hung up");
            }
            System.arraycopy(piece, 0, into, from, piece.length);
            return piece.length;
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
      };

  private Keyboard keyboard() {
    return keyboard(Duration.ofHours(1));
  }

  private Keyboard keyboard(Duration patience) {
    DetachKeys keys = DetachKeys.parse(DetachKeys.USUAL);
    return Keyboard.begin(terminal, keys, patience, detached::countDown);
  }

  private static String read(InputStream from, int count) throws IOException {
    return new String(from.readNBytes(count), StandardCharsets.US_ASCII);
  }

  private void awaitDetached() throws InterruptedException {
    assertThat(detached.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void keyThatIsHeldBack_isNoEnd() throws Exception {
    InputStream input = keyboard().next();
    typed.add("\u0010");
    typed.add("ls\r");
    assertThat(read(input, 4)).isEqualTo("\u0010ls\r");
    assertThat(detached.getCount()).isOne();
  }

  @Test
  void keysInPieces_detach() throws Exception {
    InputStream input = keyboard().next();
    typed.add("a\u0010");
    typed.add("\u0011");
    assertThat(read(input, 100)).isEqualTo("a");
    awaitDetached();
  }

  /** Whoever detaches closes what takes it. */
  @Test
  void whatIsTypedBeforeTheKeys_isTakenBeforeTheyDetach() throws Exception {
    InputStream input = keyboard().next();
    typed.add("exit\r\u0010\u0011");
    assertThat(read(input, 5)).isEqualTo("exit\r");
    assertThat(detached.getCount()).as("the end is not taken yet").isOne();
    assertThat(input.read()).isNegative();
    awaitDetached();
  }

  @Test
  void whatNobodyTakes_isNotWaitedForForEver() throws Exception {
    InputStream unread = keyboard(Duration.ofMillis(1)).next();
    typed.add("x\u0010\u0011");
    awaitDetached();
    assertThat(read(unread, 1)).isEqualTo("x");
  }

  @Test
  void terminalThatIsHungUp_isLeft() throws Exception {
    InputStream input = keyboard().next();
    typed.add("\u0010x");
    typed.add(HUNG_UP);
    assertThat(read(input, 100)).isEqualTo("\u0010x");
    awaitDetached();
  }

  @Test
  void nextAttachment_getsWhatTheLastHasNotTaken() throws Exception {
    Keyboard keyboard = keyboard();
    InputStream first = keyboard.next();
    typed.add("a");
    assertThat(read(first, 1)).isEqualTo("a");
    typed.add("b");
    InputStream second = keyboard.next();
    typed.add("c");
    assertThat(read(first, 100)).isEmpty();
    assertThat(read(second, 2)).isEqualTo("bc");
  }
}
