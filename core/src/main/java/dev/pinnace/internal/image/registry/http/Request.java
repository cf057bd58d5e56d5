package dev.pinnace.internal.image.registry.http;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A request. Immutable.
 *
 * @param target an absolute URI
 * @param headers without {@code Host}, {@code Content-Length} and what else is about the connection
 */
public record Request(
    String method, URI target, Map<String, String> headers, Optional<Payload> payload) {
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
    return new Request(method, target, Map.of(), Optional.empty());
  }

  /** The same with one more header. */
  public Request with(String name, String value) {
    Map<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new Request(method, target, more, payload);
  }

  /** The same to another place. */
  public Request to(URI place) {
    return new Request(method, place, headers, payload);
  }

  /** The same with a payload. */
  public Request carrying(Payload body, String contentType) {
    return new Request(method, target, headers, Optional.of(body))
        .with("Content-Type", contentType);
  }

  boolean hasBodyByDefinition() {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  byte[] head(boolean toProxy) {
    StringBuilder head = new StringBuilder(512);
    Origin origin = Origin.of(target);
    String path = target.getRawPath() == null ? "" : target.getRawPath();
    head.append(method)
        .append(' ')
        .append(toProxy ? origin.toString() : "")
        .append(path.isEmpty() ? "/" : path)
        .append(target.getRawQuery() == null ? "" : "?" + target.getRawQuery())
        .append(" HTTP/1.1\r\nHost: ")
        .append(origin.authority())
        .append("\r\nUser-Agent: pinnace\r\nAccept-Encoding: identity\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (payload.isPresent() || hasBodyByDefinition()) {
      head.append("Content-Length: ")
          .append(payload.map(Payload::length).orElse(0L))
          .append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
