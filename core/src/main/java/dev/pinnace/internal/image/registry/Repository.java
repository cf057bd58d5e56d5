package dev.pinnace.internal.image.registry;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository as it is read: its mirrors are asked before the registry, but not one that gave bad
 * bytes. Everything throws {@link NotFoundException} for what is not there, {@link
 * RegistryException} when a registry refuses or fails, {@link CorruptException} for bytes that are
 * not what was asked for and {@link CancelledException} when the thread is interrupted.
 * Thread-safe.
 */
public final class Repository {
  private static final Logger LOG = LoggerFactory.getLogger(Repository.class);
  private static final String ACCEPT =
      String.join(
          ", ",
          MediaTypes.INDEX,
          MediaTypes.DOCKER_INDEX,
          MediaTypes.MANIFEST,
          MediaTypes.DOCKER_MANIFEST);

  private final String name;
  private final String path;
  private final List<Endpoint> mirrors;
  private final Endpoint home;
  private final BlobUrls elsewhere;
  private final Map<Digest, Set<Endpoint>> givers = new ConcurrentHashMap<>();
  private final Set<Endpoint> disowned = ConcurrentHashMap.newKeySet();

  /**
   * @param elsewhere has what neither mirrors nor the registry have, where descriptors say so
   */
  Repository(String name, String path, List<Endpoint> mirrors, Endpoint home, BlobUrls elsewhere) {
    this.name = name;
    this.path = path;
    this.mirrors = List.copyOf(mirrors);
    this.home = home;
    this.elsewhere = elsewhere;
  }

  /** Its full name, {@code docker.io/library/busybox}. */
  public String name() {
    return name;
  }

  /** The manifest or index that a tag or digest names. */
  public ResolvedManifest resolve(String tagOrDigest) {
    Optional<Digest> asked =
        tagOrDigest.startsWith("sha256:")
            ? Optional.of(Digest.parse(tagOrDigest))
            : Optional.empty();
    return anywhere(endpoint -> resolve(endpoint, tagOrDigest, asked));
  }

  /** The bytes of the manifest or index that a descriptor names, verified. */
  public byte[] manifest(Descriptor manifest) {
    byte[] bytes = resolve(manifest.digest().toString()).bytes();
    if (bytes.length != manifest.size()) {
      throw new CorruptException(
          "manifest "
              + manifest.digest()
              + " of "
              + name
              + " has "
              + bytes.length
              + " bytes, but its descriptor says "
              + manifest.size());
    }
    return bytes;
  }

  private ResolvedManifest resolve(Endpoint endpoint, String wanted, Optional<Digest> asked) {
    String separator = asked.isPresent() ? "@" : ":";
    String what = "get the manifest of " + name + separator + wanted;
    Request request =
        Request.of("GET", endpoint.uri("v2/" + path + "/manifests/" + wanted))
            .with("Accept", ACCEPT);
    Response response = endpoint.send(request, path, pullScope());
    if (!response.isSuccess()) {
      throw Refusals.of(response, what);
    }
    try (response) {
      if (Refusals.isPage(response)) {
        throw Refusals.page(response, what);
      }
      byte[] bytes = document(response, what);
      Digest digest = Sha256.of(bytes);
      check(digest, asked, what);
      check(digest, stated(response), what);
      return new ResolvedManifest(
          new Descriptor(mediaType(response, bytes, what), digest, bytes.length), bytes);
    }
  }

  private static byte[] document(Response response, String what) {
    try {
      long length = response.headers().contentLength();
      byte[] bytes =
          length > ImageJson.LARGEST_DOCUMENT
              ? new byte[0]
              : response.document(ImageJson.LARGEST_DOCUMENT + 1);
      if (length > ImageJson.LARGEST_DOCUMENT || bytes.length > ImageJson.LARGEST_DOCUMENT) {
        throw new CorruptException(
            "cannot "
                + what
                + ": it is longer than "
                + ImageJson.LARGEST_DOCUMENT
                + " bytes, the most that a manifest may have");
      }
      return bytes;
    } catch (IOException failure) {
      throw Retrying.brokenOff(what, failure);
    }
  }

  private static void check(Digest actual, Optional<Digest> wanted, String what) {
    if (wanted.filter(digest -> !digest.equals(actual)).isPresent()) {
      throw new CorruptException(
          "cannot " + what + ": its bytes have the digest " + actual + ", not " + wanted.get());
    }
  }

  /** What the registry says; digests of another algorithm say nothing to us. */
  private static Optional<Digest> stated(Response response) {
    return response
        .headers()
        .first("Docker-Content-Digest")
        .filter(text -> text.matches("sha256:[0-9a-f]{64}"))
        .map(Digest::parse);
  }

  /** A document that states another type than its header is two documents at once. */
  private static String mediaType(Response response, byte[] document, String what) {
    String header =
        response
            .headers()
            .first("Content-Type")
            .orElse("")
            .split(";", 2)[0]
            .strip()
            .toLowerCase(Locale.ROOT);
    String stated = ImageJson.mediaType(document, "what a registry gave as a manifest");
    if (!MediaTypes.isIndex(header) && !MediaTypes.isManifest(header)) {
      return stated.isEmpty() ? header : stated;
    }
    if (!stated.isEmpty() && !stated.equals(header)) {
      throw new CorruptException(
          "cannot " + what + ": it comes as " + header + " and says that it is " + stated);
    }
    return header;
  }

  /** Whether a blob is here. */
  public boolean has(Digest blob) {
    return anywhere(endpoint -> has(endpoint, blob));
  }

  private boolean has(Endpoint endpoint, Digest blob) {
    Response response =
        endpoint.send(Request.of("HEAD", blobUri(endpoint, blob)), path, pullScope());
    try (response) {
      if (response.isSuccess()) {
        return true;
      }
      if (response.status() == 404) {
        return false;
      }
      throw Refusals.of(response, "look for blob " + blob + " in " + name);
    }
  }

  private URI blobUri(Endpoint endpoint, Digest blob) {
    return endpoint.uri("v2/" + path + "/blobs/" + blob);
  }

  /**
   * A blob's bytes from {@code fromOffset}, from the registry or, if that has none, from where its
   * descriptor says; as many as its descriptor says or an exception; they are not verified. When
   * the connection breaks or is silent, the stream goes on where it was. Closing it from another
   * thread ends a read that is under way, as interrupting its reader does, with {@link
   * CancelledException}.
   */
  public InputStream blob(Descriptor blob, long fromOffset) {
    if (fromOffset < 0 || fromOffset > blob.size()) {
      throw new IllegalArgumentException(fromOffset + " is not within " + blob);
    }
    return new BlobStream(this, blob, fromOffset);
  }

  /**
   * Some of the bytes that came of a blob were wrong: mirrors that gave any are not asked again.
   *
   * @return whether that was one, so that the blob may come whole from another place
   */
  public boolean disown(Digest blob) {
    Set<Endpoint> gave = givers.remove(blob);
    boolean others = false;
    for (Endpoint giver : gave == null ? Set.<Endpoint>of() : gave) {
      others |= disown(giver, "blob " + blob + " of " + name + " is damaged");
    }
    return others;
  }

  /** The same for a place that did not bring what it began. */
  boolean disown(Endpoint giver, String why) {
    boolean replaceable = !giver.equals(home) && mirrors.contains(giver);
    if (replaceable && disowned.add(giver)) {
      LOG.warn("the mirror {} is not asked again: {}", giver.registry(), why);
    }
    return replaceable;
  }

  /** An answer with a blob's bytes. */
  record Opened(Endpoint giver, Response response) {}

  /** Opens one answer with a blob's bytes from an offset, or from its beginning. */
  Opened openBlob(Descriptor blob, long offset) {
    String what = "get blob " + blob.digest() + " of " + name;
    try {
      return anywhere(
          endpoint -> {
            Request request = from(offset, blobUri(endpoint, blob.digest()));
            Response response =
                Refusals.unlessBytes(endpoint.send(request, path, pullScope()), what);
            givers
                .computeIfAbsent(blob.digest(), key -> ConcurrentHashMap.newKeySet())
                .add(endpoint);
            return new Opened(endpoint, response);
          });
    } catch (NotFoundException unknown) {
      return new Opened(home, elsewhere.open(blob, url -> from(offset, url), what, unknown));
    }
  }

  private static Request from(long offset, URI blob) {
    Request request = Request.of("GET", blob);
    return offset == 0 ? request : request.with("Range", "bytes=" + offset + "-");
  }

  /** The tags that the registry lists, or the first of its mirrors that does. */
  public List<String> tags() {
    return anywhere(endpoint -> new TagList(endpoint, name, path, pullScope()).read());
  }

  int retries() {
    return home.retries();
  }

  private Set<String> pullScope() {
    return Set.of("repository:" + path + ":pull");
  }

  private <T> T anywhere(Function<Endpoint, T> work) {
    StringBuilder unhelpful = new StringBuilder();
    for (Endpoint mirror : mirrors) {
      if (mirror.isDown() || disowned.contains(mirror)) {
        unhelpful.append("; its mirror ").append(mirror.registry()).append(" failed before");
        continue;
      }
      try {
        return work.apply(mirror);
      } catch (CancelledException cancelled) {
        throw cancelled;
      } catch (PinnaceException failure) {
        if (failure instanceof RegistryException refusal && refusal.status().isEmpty()) {
          mirror.setDown();
        }
        LOG.info(
            "the mirror {} does not help, asking the next: {}",
            mirror.registry(),
            failure.getMessage());
        unhelpful.append("; its mirror does not help: ").append(failure.getMessage());
      }
    }
    try {
      return work.apply(home);
    } catch (RegistryException unreachable) {
      if (unhelpful.isEmpty() || unreachable.status().isPresent()) {
        throw unreachable;
      }
      throw new RegistryException(unreachable.getMessage() + unhelpful, unreachable);
    }
  }
}
