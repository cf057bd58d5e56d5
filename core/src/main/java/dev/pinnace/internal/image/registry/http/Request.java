package dev.pinnace.internal.image.registry.http;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request. Immutable.
 *
 * @param target an absolute URI
 * @param headers without {@code Host}, {@code Content-Length} and what else is about the connection
 * @param patience how long the answer may take at least, where that may be longer than silence
 *     elsewhere
 */
public record Request(
    String method,
    URI target,
    Map<String, String> headers,
    Optional<Payload> payload,
    Optional<Duration> patience) {
  public Request {
    headers = Map.copyOf(headers);
    headers.forEach(
        (name, value) -> {
          if (value.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw new IllegalArgumentException("the header " + name + " has a control character");
          }
        });
  }

  /** One without payload. */
  public static Request of(String method, URI target) {
    return new Request(method, target, Map.of(), Optional.empty(), Optional.empty());
  }

  /** The same with one more header. */
  public Request with(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Request(method, target, more, payload, patience);
  }

  /** The same to another place. */
  public Request to(URI place) {
    return new Request(method, place, headers, payload, patience);
  }

  /** The same with a payload. */
  public Request carrying(Payload body, String contentType) {
    return new Request(method, target, headers, Optional.of(body), patience)
        .with("Content-Type", contentType);
  }

  /** The same for an answer that may take as long as that. */
  public Request waitingFor(Duration longest) {
    return new Request(method, target, headers, payload, Optional.of(longest));
  }

  /** As it is sent. {@code Content-Length} and {@code Host} are the client's. */
  HttpRequest toHttp(HttpRequest.BodyPublisher body) {
    HttpRequest.Builder http =
        HttpRequest.newBuilder(target).method(method, body).setHeader("User-Agent", "pinnace");
    headers.forEach(http::setHeader);
    return http.build();
  }
}
