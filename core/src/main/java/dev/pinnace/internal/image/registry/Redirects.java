package dev.pinnace.internal.image.registry;

import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import java.net.URI;
import java.util.Set;
import java.util.function.Function;

/** Goes where answers point to, never from an encrypted place to one that is not. */
final class Redirects {
  private static final int MOST = 5;
  private static final Set<Integer> OF_READS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> OF_ALL = Set.of(307, 308);

  private Redirects() {}

  /** Whether an answer to a request that reads points elsewhere. */
  static boolean is(Response response) {
    return OF_READS.contains(response.status());
  }

  /**
   * Sends a request, and again to each place that an answer points to.
   *
   * @param sending decides for each place what goes along
   */
  static Response follow(Request request, Function<Request, Response> sending) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    Request next = request;
    for (int hop = 0; hop <= MOST; hop++) {
      Response response = sending.apply(next);
      if (!(reads ? OF_READS : OF_ALL).contains(response.status())) {
        return response;
      }
      next = next.to(target(response));
      response.discard();
    }
    throw new RegistryException(
        Origin.of(request.target())
            + " redirects again and again: gave up after "
            + MOST
            + " of them for "
            + request.target().getPath(),
        null);
  }

  /** Where an answer points to; a path or a whole address. */
  static URI target(Response response) {
    String location = response.headers().first("Location").orElse("");
    Origin from = Origin.of(response.from());
    try {
      if (location.isEmpty()) {
        throw new IllegalArgumentException("it is missing");
      }
      URI to = response.from().resolve(location);
      Origin place = Origin.of(to);
      if (from.tls() && !place.tls()) {
        throw new RegistryException(
            from + " points to " + place + ", which is unencrypted: refused", response.status());
      }
      return to;
    } catch (IllegalArgumentException malformed) {
      throw new RegistryException(
          from + " points to an address that is none: \"" + location + "\"", malformed);
    }
  }
}
