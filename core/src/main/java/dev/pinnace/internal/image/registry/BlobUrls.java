package dev.pinnace.internal.image.registry;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.Printable;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Registries;
import java.net.URI;
import java.util.function.Function;

/**
 * The places besides a registry that a descriptor names for its blob (image-spec, {@code urls}),
 * where layers are that registries must not hand on. Whoever made the image chose them: nobody's
 * credentials go there, and plain HTTP is spoken only with hosts that were named for it.
 * Thread-safe.
 */
final class BlobUrls {
  /** As many as anybody needs; each may take its time. */
  private static final int MOST = 16;

  private final Retrying http;
  private final Registries registries;

  BlobUrls(Retrying http, Registries registries) {
    this.http = http;
    this.registries = registries;
  }

  /**
   * Opens one answer with the blob's bytes from the first place that gives them.
   *
   * @param asking the request to a place
   * @param what what is attempted, to follow "cannot"
   * @param unknown what the registry said
   * @throws NotFoundException {@code unknown} where no places are named
   * @throws RegistryException when none gives it
   */
  Response open(
      Descriptor blob, Function<URI, Request> asking, String what, NotFoundException unknown) {
    if (blob.urls().isEmpty()) {
      throw unknown;
    }
    StringBuilder reasons = new StringBuilder(String.valueOf(unknown.getMessage()));
    for (String url : blob.urls().subList(0, Math.min(MOST, blob.urls().size()))) {
      try {
        Request request = asking.apply(parsed(url));
        return Refusals.unlessBytes(Redirects.follow(request, this::send), what);
      } catch (CancelledException cancelled) {
        throw cancelled;
      } catch (PinnaceException refusal) {
        reasons.append("; ").append(refusal.getMessage());
      }
    }
    throw new RegistryException(reasons.toString(), unknown);
  }

  private static URI parsed(String url) {
    try {
      URI uri = URI.create(url);
      Origin unused = Origin.of(uri);
      return uri;
    } catch (IllegalArgumentException malformed) {
      throw new RegistryException(
          "its descriptor names an address that is none: \"" + Printable.line(url) + "\"",
          malformed);
    }
  }

  private Response send(Request request) {
    Origin origin = Origin.of(request.target());
    if (!origin.tls()
        && !mayBePlain(origin.authority())
        && !mayBePlain(origin.host() + ":" + origin.port())) {
      throw new RegistryException(
          "its descriptor names "
              + origin
              + ", which is unencrypted: refused, unless that host is"
              + " named with Registries.plainHttp",
          null);
    }
    return http.send(request);
  }

  private boolean mayBePlain(String registry) {
    return registries.isPlainHttp(registry) || registries.isInsecure(registry);
  }
}
