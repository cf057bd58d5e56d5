package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent with a request. */
class TransportPayloadTest extends TransportFixture {
  private void silentFor(Duration silence) {
    transport.close();
    transport = transport(silence);
  }

  private Request put(Payload payload) {
    return Request.of("PUT", get().target()).carrying(payload, "application/octet-stream");
  }

  /** Zeros without end; what was written of them is counted. */
  private static Payload zeros(AtomicLong written) {
    return new Payload() {
      @Override
      public long length() {
        return HUGE;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        byte[] zeros = new byte[1 << 18];
        for (long sent = 0; sent < HUGE; sent += zeros.length) {
          out.write(zeros);
          written.addAndGet(zeros.length);
        }
      }
    };
  }

  @Test
  void payload_streams_andIsWhole() throws Exception {
    byte[] bytes = new byte[5_000_001];
    new Random(3).nextBytes(bytes);
    CompletableFuture<byte[]> came = new CompletableFuture<>();
    handler =
        wire -> {
          came.complete(wire.body());
          wire.answer(201);
        };
    assertThat(transport.exchange(put(Payload.of(bytes))).status()).isEqualTo(201);
    assertThat(came.get()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 413})
  void payload_refusedBeforeItIsSent_givesTheAnswer(int status) throws Exception {
    AtomicLong written = new AtomicLong();
    handler = wire -> wire.header("Connection", "close").answer(status);
    for (int i = 0; i < 3; i++) {
      try (Response response = transport.exchange(put(zeros(written)))) {
        assertThat(response.status()).isEqualTo(status);
      }
    }
    assertThat(written.get()).isLessThan(HUGE);
  }

  @Test
  void payload_nobodyTakesIt_doesNotPileUp_andEnds() {
    silentFor(Duration.ofMillis(500));
    AtomicLong written = new AtomicLong();
    handler = wire -> wire.stall();
    assertThatThrownBy(() -> transport.exchange(put(zeros(written))))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageContaining("it took nothing for 500 ms");
    assertThat(written.get()).isLessThan(32 << 20);
  }

  @Test
  void payload_takenSlowly_isNotCutOff() throws Exception {
    silentFor(Duration.ofSeconds(2));
    byte[] bytes = new byte[12 << 20];
    handler =
        wire -> {
          for (int i = 0; i < 12; i++) {
            try {
              Thread.sleep(250);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            wire.body(1 << 20);
          }
          wire.answer(201);
        };
    assertThat(transport.exchange(put(Payload.of(bytes))).status()).isEqualTo(201);
  }

  @Test
  void payload_interrupted_keepsTheFlag() throws Exception {
    handler = wire -> wire.stall();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                transport.exchange(put(zeros(new AtomicLong())));
              } catch (IOException e) {
                flag.complete(Thread.currentThread().isInterrupted());
              }
            });
    writer.start();
    Thread.sleep(300);
    writer.interrupt();
    assertThat(flag.get(1, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void payload_thatCannotBeRead_endsTheExchange() throws Exception {
    Payload broken =
        new Payload() {
          @Override
          public long length() {
            return HUGE;
          }

          @Override
          public void writeTo(OutputStream out) throws IOException {
            out.write(new byte[1 << 17]);
            throw new IOException("the disk is gone");
          }
        };
    handler = wire -> wire.body();
    assertThatThrownBy(() -> transport.exchange(put(broken))).hasMessage("the disk is gone");
    for (int i = 0; i < 200 && server.connections() > 0; i++) {
      Thread.sleep(10);
    }
    assertThat(server.connections()).isZero();
  }
}
