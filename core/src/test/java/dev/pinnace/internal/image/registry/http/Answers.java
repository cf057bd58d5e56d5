package dev.pinnace.internal.image.registry.http;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;

/** Answers that no network brought. */
public final class Answers {
  private Answers() {}

  /** An answer of a place with a body. */
  public static Response of(int status, String from, String type, String body) {
    HttpHeaders headers =
        HttpHeaders.of(Map.of("Content-Type", List.of(type)), (name, value) -> true);
    BodyStream stream = new BodyStream(-1, Duration.ofSeconds(1), () -> {});
    stream.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long more) {}

          @Override
          public void cancel() {}
        });
    stream.onNext(List.of(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8))));
    stream.onComplete();
    return new Response(status, new Headers(headers), URI.create(from), stream);
  }
}
