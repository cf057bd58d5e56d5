package dev.pinnace.internal.image.registry;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Backoff;
import dev.pinnace.internal.image.registry.http.Payload;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The upload of one blob: small ones with one request, others in a session that is asked, when a
 * connection broke, how far it is (distribution-spec, Pushing blobs). A registry that finds a
 * request too large gets it in chunks.
 */
final class BlobUpload {
  private static final int SMALL = 1 << 20;
  private static final long CHUNK = 32L << 20;
  private static final int TOO_LARGE = 413;
  private static final int BUFFER = 1 << 18;

  /** Some registries put a blob together, or move it, when its upload ends, and say nothing. */
  private static final Duration COMMIT = Duration.ofMinutes(10);

  private static final String OCTETS = "application/octet-stream";
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final Destination to;
  private final Descriptor blob;
  private final BlobBytes bytes;
  private final LongConsumer progress;
  private URI at;
  private long chunk = Long.MAX_VALUE;
  private long position;
  private boolean committing;
  private final Attempts attempts;

  BlobUpload(Destination to, URI session, Descriptor blob, BlobBytes bytes, LongConsumer progress) {
    this.to = to;
    this.at = session;
    this.blob = blob;
    this.bytes = bytes;
    this.progress = progress;
    this.attempts = new Attempts(to.endpoint().retries(), 0);
  }

  private String what() {
    return "upload blob " + blob.digest() + " to " + to.name();
  }

  /** Uploads it. A session that does not become a blob is given up. */
  void run() {
    boolean kept = false;
    try {
      kept = attempt();
      while (!kept && !to.has(blob.digest())) {
        at = resynchronized(at);
        kept = attempt();
      }
      progress.accept(blob.size());
    } finally {
      if (!kept) {
        giveUp(at);
      }
    }
  }

  private boolean attempt() {
    committing = false;
    try {
      if (blob.size() > SMALL || attempts.failures() > 0) {
        while (position < blob.size()) {
          at = append(at);
        }
        finish(at, Optional.empty());
      } else {
        finish(at, Optional.of(part(0, blob.size())));
      }
      return true;
    } catch (Again again) {
      if (!attempts.mayFollow(position)) {
        RegistryException end =
            new RegistryException("cannot " + what() + ": " + again.getMessage(), again.getCause());
        if (committing && isThere(end)) {
          return true;
        }
        throw end;
      }
      Backoff.pause(again.asked.orElseGet(attempts::pause), String.valueOf(again.getMessage()));
      return false;
    }
  }

  /** An upload whose end was not answered may have become the blob. */
  private boolean isThere(RegistryException end) {
    try {
      return to.has(blob.digest());
    } catch (RegistryException unknown) {
      end.addSuppressed(unknown);
      return false;
    }
  }

  /** An attempt failed, and another may go better. */
  private static final class Again extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> asked;

    Again(String why) {
      this(why, null, Optional.empty());
    }

    Again(String why, @Nullable Throwable cause, Optional<Duration> asked) {
      super(why, cause);
      this.asked = asked;
    }
  }

  private URI append(URI session) throws Again {
    long from = position;
    long length = Math.min(chunk, blob.size() - from);
    Request request =
        Request.of("PATCH", session)
            .carrying(part(from, length), OCTETS)
            .with("Content-Range", from + "-" + (from + length - 1));
    Response response = send(request);
    if (response.status() == TOO_LARGE && length > CHUNK) {
      response.discard();
      chunk = CHUNK;
      return session;
    }
    if (response.status() == 404 || response.status() == 416) {
      response.discard();
      throw new Again("the registry lost its place (" + response.status() + ")");
    }
    if (!response.isSuccess()) {
      throw Refusals.of(response, what());
    }
    response.discard();
    long end = from + length;
    long kept = received(response).orElse(end);
    if (kept > end) {
      throw new CorruptException(
          "cannot " + what() + ": the registry has more than was sent to it");
    }
    if (kept < end) {
      throw new Again("the registry was sent bytes " + from + " to " + end + " and kept " + kept);
    }
    position = end;
    return Redirects.target(response);
  }

  private static Optional<Long> received(Response response) {
    Matcher range = RANGE.matcher(response.headers().first("Range").orElse(""));
    return range.matches() ? Optional.of(Long.parseLong(range.group(1)) + 1) : Optional.empty();
  }

  private void finish(URI session, Optional<Payload> payload) throws Again {
    committing = true;
    String query = (session.getRawQuery() == null ? "?" : "&") + "digest=" + blob.digest();
    Request request = Request.of("PUT", URI.create(session + query));
    Response response =
        send(
            payload
                .map(body -> request.carrying(body, OCTETS))
                .orElseGet(() -> request.waitingFor(COMMIT)));
    if (response.status() == 404) {
      response.discard();
      throw new Again("the registry lost the upload");
    }
    if (!response.isSuccess()) {
      throw Refusals.of(response, what());
    }
    response.discard();
    Destination.requireKept(response, what());
    Optional<String> kept = response.headers().first("Docker-Content-Digest");
    if (kept.filter(digest -> !digest.equals(blob.digest().toString())).isPresent()) {
      throw new CorruptException("cannot " + what() + ": the registry keeps it as " + kept.get());
    }
  }

  private Response send(Request request) throws Again {
    Response response;
    try {
      response = to.endpoint().sendOnce(request, to.path(), to.scopes());
    } catch (Endpoint.Broken broken) {
      Throwable cause = broken.getCause();
      throw new Again(
          cause == null ? "broken off" : String.valueOf(cause.getMessage()),
          cause,
          Optional.empty());
    }
    Optional<Duration> pause = Backoff.after(response, attempts.failures() + 1);
    if (pause.isPresent()) {
      response.discard();
      throw new Again("it answered " + response.status(), null, pause);
    }
    return response;
  }

  /** Asks how far a session is; one that is gone is begun anew. */
  private URI resynchronized(URI session) {
    Response response = to.endpoint().send(Request.of("GET", session), to.path(), to.scopes());
    response.discard();
    position = response.isSuccess() ? received(response).orElse(0L) : 0;
    // "0-0" is what a registry says of one byte and of none; a blob is not sent for one byte less.
    position = position <= 1 || position > blob.size() ? 0 : position;
    if (response.isSuccess() && position == 0) {
      giveUp(session);
    } else if (response.isSuccess()) {
      return response.headers().first("Location").isPresent()
          ? Redirects.target(response)
          : session;
    }
    return to.begin(blob, Optional.empty()).orElseThrow();
  }

  /** Lets the registry forget what it has got; otherwise it would keep that for days. */
  private void giveUp(URI session) {
    LastWord.say(
        "give up the upload of blob " + blob.digest() + " to " + to.name(),
        to.endpoint().threads(),
        () -> to.giveUp(session));
  }

  private Payload part(long from, long length) {
    return new Payload() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        try (InputStream in = bytes.open()) {
          in.skipNBytes(from);
          copy(in, out);
        }
      }

      private void copy(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (long sent = 0; sent < length; ) {
          int got = in.read(buffer, 0, (int) Math.min(buffer.length, length - sent));
          if (got < 0) {
            throw new CorruptException(
                "blob " + blob.digest() + " is shorter here than its descriptor says");
          }
          out.write(buffer, 0, got);
          sent += got;
          progress.accept(from + sent);
        }
      }
    };
  }
}
