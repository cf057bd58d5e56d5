package dev.pinnace.internal.image.registry;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Payload;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A repository as it is written to: the registry itself, never a mirror. Throws what {@link
 * Repository} does. Thread-safe.
 */
public final class Destination {
  static final int ACCEPTED = 202;

  private static final Logger LOG = LoggerFactory.getLogger(Destination.class);

  private final Endpoint endpoint;
  private final String name;
  private final String path;

  Destination(Endpoint endpoint, String name, String path) {
    this.endpoint = endpoint;
    this.name = name;
    this.path = path;
  }

  /** Its full name. */
  public String name() {
    return name;
  }

  String path() {
    return path;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  Set<String> scopes() {
    return Set.of("repository:" + path + ":pull,push");
  }

  /** Whether a blob is there. */
  public boolean has(Digest blob) {
    return exists("blobs/" + blob, Optional.empty(), "look for blob " + blob + " in " + name);
  }

  /** Whether {@code reference} is that manifest already. */
  public boolean hasManifest(String reference, Descriptor manifest) {
    return exists(
        "manifests/" + reference,
        Optional.of(manifest),
        "look for manifest " + reference + " in " + name);
  }

  private boolean exists(String what, Optional<Descriptor> manifest, String message) {
    Request request = Request.of("HEAD", endpoint.uri("v2/" + path + "/" + what));
    Request asking =
        manifest.map(wanted -> request.with("Accept", wanted.mediaType())).orElse(request);
    try (Response response = endpoint.send(asking, path, scopes())) {
      if (response.isSuccess()) {
        Optional<String> stated = response.headers().first("Docker-Content-Digest");
        return manifest.isEmpty() || stated.equals(manifest.map(m -> m.digest().toString()));
      }
      if (response.status() == 404) {
        return false;
      }
      throw Refusals.of(response, message);
    }
  }

  /**
   * Begins to bring a blob; the registry may take it from another repository of its own instead.
   * Where that is refused, by the registry or by whoever gives tokens for it, the upload begins
   * without.
   *
   * @param from the path of a repository that may have it
   * @return the upload that is left to do; empty when it was taken over
   */
  Optional<URI> begin(Descriptor blob, Optional<String> from) {
    Set<String> wanted =
        from.map(
                other ->
                    Set.of("repository:" + path + ":pull,push", "repository:" + other + ":pull"))
            .orElse(scopes());
    String query = from.map(other -> "?mount=" + blob.digest() + "&from=" + other).orElse("");
    Request request = Request.of("POST", endpoint.uri("v2/" + path + "/blobs/uploads/" + query));
    String what = "begin the upload of blob " + blob.digest() + " to " + name;
    Response response;
    try {
      response = new UploadStart(this, request, wanted, what).await();
    } catch (RegistryException refusal) {
      if (from.isEmpty() || !isRefusal(refusal)) {
        throw refusal;
      }
      LOG.debug("blob {} cannot be taken from {}", blob.digest(), from.get(), refusal);
      return begin(blob, Optional.empty());
    }
    if (response.status() == 201 && from.isPresent()) {
      response.discard();
      return Optional.empty();
    }
    if (response.status() == ACCEPTED) {
      response.discard();
      return Optional.of(Redirects.target(response));
    }
    if (from.isPresent()) {
      response.discard();
      return begin(blob, Optional.empty());
    }
    throw Refusals.of(response, what);
  }

  /** Whether an answer was a no, so that asking for less may help. */
  private static boolean isRefusal(RegistryException failure) {
    return failure.status().stream().anyMatch(status -> status / 100 == 4 && status != 429);
  }

  /** Tells the registry to forget an upload; whatever it answers is right. */
  void giveUp(URI upload) {
    endpoint.sendOnce(Request.of("DELETE", upload), path, scopes()).discard();
  }

  /** How a blob came to be there. */
  public enum Outcome {
    /** From another repository of the registry. */
    MOUNTED,
    /** By its bytes. */
    UPLOADED
  }

  /**
   * Brings a blob that is not there. A connection that breaks is no failure: the upload goes on
   * where it was.
   *
   * @param from the path of a repository of this registry that may have it
   * @param progress told how many bytes have been sent
   */
  public Outcome bring(
      Descriptor blob, Optional<String> from, BlobBytes bytes, LongConsumer progress) {
    Optional<URI> session = begin(blob, from);
    if (session.isEmpty()) {
      return Outcome.MOUNTED;
    }
    new BlobUpload(this, session.get(), blob, bytes, progress).run();
    return Outcome.UPLOADED;
  }

  /** Refuses an answer that promises to keep what was sent, and does not say that it is kept. */
  static void requireKept(Response response, String what) {
    if (response.status() == ACCEPTED) {
      throw new RegistryException(
          "cannot "
              + what
              + ": "
              + Origin.of(response.from())
              + " answered 202, which does not say that it is there; 201 would",
          ACCEPTED);
    }
  }

  /** Puts a manifest of which everything is there, under a tag or its digest. */
  public void putManifest(String reference, String mediaType, byte[] bytes) {
    Request request =
        Request.of("PUT", endpoint.uri("v2/" + path + "/manifests/" + reference))
            .carrying(Payload.of(bytes), mediaType);
    Response response = endpoint.send(request, path, scopes());
    String what = "put manifest " + reference + " to " + name;
    if (!response.isSuccess()) {
      throw Refusals.of(response, what);
    }
    response.discard();
    requireKept(response, what);
    Digest ours = Sha256.of(bytes);
    Optional<String> theirs = response.headers().first("Docker-Content-Digest");
    if (theirs.filter(digest -> !digest.equals(ours.toString())).isPresent()) {
      throw new CorruptException(
          "cannot "
              + what
              + ": the registry keeps "
              + theirs.get()
              + " where "
              + ours
              + " was sent");
    }
  }
}
