package dev.pinnace.internal.image.registry.http;

import dev.pinnace.error.RegistryException;
import java.net.URI;
import java.util.Set;
import java.util.function.Function;

/** Answers that point elsewhere (RFC 9110, 15.4). */
public final class Redirects {
  /** How many are followed for one request. */
  public static final int MOST = 5;

  private static final Set<Integer> OF_READS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> OF_ALL = Set.of(307, 308);

  private Redirects() {}

  /** Whether an answer asks for the same request elsewhere. */
  public static boolean repeats(Request request, Response answer) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    return reads ? isRedirect(answer) : OF_ALL.contains(answer.status());
  }

  /** Whether an answer points elsewhere, for which another method may be asked. */
  public static boolean isRedirect(Response answer) {
    return OF_READS.contains(answer.status());
  }

  /**
   * Where an answer points to; a path or a whole address.
   *
   * @throws RegistryException when that is none, or leaves TLS
   */
  public static URI target(Response answer) {
    String location = answer.headers().first("Location").orElse("");
    Origin from = Origin.of(answer.from());
    try {
      if (location.isEmpty()) {
        throw new RegistryException(
            from + " points to an address that is none: it gave no Location", answer.status());
      }
      URI to = answer.from().resolve(location.replaceFirst("#.*", ""));
      Origin place = Origin.of(to);
      if (from.tls() && !place.tls()) {
        throw new RegistryException(
            from + " points to " + place + ", which is unencrypted: refused", answer.status());
      }
      return to;
    } catch (IllegalArgumentException malformed) {
      throw new RegistryException(
          from + " points to an address that is none: \"" + location + "\"", malformed);
    }
  }

  /**
   * Sends a request, and again to each place that an answer points to.
   *
   * @param sending decides for each place what goes along
   */
  public static Response follow(Request request, Function<Request, Response> sending) {
    Request next = request;
    for (int hop = 0; hop <= MOST; hop++) {
      Response response = sending.apply(next);
      if (!repeats(request, response)) {
        return response;
      }
      try {
        next = next.to(target(response));
      } finally {
        response.discard();
      }
    }
    throw endless(request);
  }

  /** The failure of a request that was sent on for too long. */
  public static RegistryException endless(Request request) {
    return new RegistryException(
        Origin.of(request.target())
            + " redirects again and again: gave up after "
            + MOST
            + " of them for "
            + request.target().getPath(),
        null);
  }
}
