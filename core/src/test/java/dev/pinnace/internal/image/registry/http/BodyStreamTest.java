package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BodyStreamTest {
  private static final int AHEAD = 32;
  private static final int CHUNKS = 200;

  /** What a connection does that has as much as it is asked for. */
  private static final class Connection implements Flow.Subscription {
    private final BodyStream body;
    private final List<ByteBuffer> part;
    private long asked;
    private long brought;

    Connection(BodyStream body, List<ByteBuffer> part) {
      this.body = body;
      this.part = part;
    }

    @Override
    public void request(long more) {
      asked += more;
    }

    @Override
    public void cancel() {}

    void bring() {
      for (; brought < asked; brought++) {
        body.onNext(part.stream().map(ByteBuffer::duplicate).toList());
      }
    }
  }

  private static BodyStream body() {
    return new BodyStream(-1, Duration.ofSeconds(10), () -> {});
  }

  @Test
  void read_ofPartsOfManyBuffers_asksForNoMoreThanTheWindow() throws IOException {
    BodyStream body = body();
    ByteBuffer chunk = ByteBuffer.wrap(new byte[] {1, 2, 3});
    Connection connection = new Connection(body, Collections.nCopies(CHUNKS, chunk));
    body.onSubscribe(connection);
    long read = 0;
    for (int part = 1; part <= 10 * AHEAD; part++) {
      connection.bring();
      read += body.readNBytes(CHUNKS * chunk.capacity()).length;
      assertThat(connection.asked - part).as("asked for ahead").isBetween(1L, (long) AHEAD);
    }
    assertThat(read).isEqualTo(10L * AHEAD * CHUNKS * chunk.capacity());
  }

  @Test
  void read_ofPartsWithoutBuffers_goesOn() throws IOException {
    BodyStream body = body();
    AtomicInteger asked = new AtomicInteger();
    body.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long more) {
            asked.addAndGet((int) more);
          }

          @Override
          public void cancel() {}
        });
    for (int i = 0; i < AHEAD - 1; i++) {
      body.onNext(List.of());
    }
    body.onNext(List.of(ByteBuffer.wrap(new byte[] {7})));
    body.onComplete();
    assertThat(body.readAllBytes()).containsExactly(7);
    assertThat(asked).hasValue(2 * AHEAD);
  }
}
