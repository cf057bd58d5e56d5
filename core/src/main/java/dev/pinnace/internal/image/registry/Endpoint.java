package dev.pinnace.internal.image.registry;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.pinnace.internal.image.registry.auth.Authorizer;
import dev.pinnace.internal.image.registry.auth.CredentialStore;
import dev.pinnace.internal.image.registry.auth.Known;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One place that answers for a registry: the registry itself or a mirror. Adds credentials and
 * follows redirects, over which no credentials go. Thread-safe.
 */
final class Endpoint {
  private static final int MOST_REPOSITORIES = 500;
  private static final long DOWN_FOR = TimeUnit.SECONDS.toNanos(60);

  private final String registry;
  private final Protocol protocol;
  private final Retrying http;
  private final CredentialStore credentials;
  private final Cache<String, Authorizer> authorizers =
      CacheBuilder.newBuilder().maximumSize(MOST_REPOSITORIES).build();
  private volatile @Nullable Origin origin;
  private volatile long downSince;
  private volatile boolean down;

  Endpoint(String registry, Protocol protocol, Retrying http, CredentialStore credentials) {
    this.registry = registry;
    this.protocol = protocol;
    this.http = http;
    this.credentials = credentials;
  }

  String registry() {
    return registry;
  }

  /** Whether it could not be reached a moment ago. */
  boolean isDown() {
    return down && System.nanoTime() - downSince < DOWN_FOR;
  }

  void setDown() {
    downSince = System.nanoTime();
    down = true;
  }

  int retries() {
    return http.retries();
  }

  Executor threads() {
    return http.threads();
  }

  /** An address below the registry's root: {@code v2/...}. */
  URI uri(String path) {
    return URI.create(origin() + "/" + path);
  }

  /** The place, once it is known which protocol it speaks. */
  Origin origin() {
    Origin known = origin;
    if (known == null) {
      known = protocol.origin(registry);
      origin = known;
    }
    return known;
  }

  /** The credentials for what is sent about {@code repository}; empty for the registry alone. */
  private Authorizer authorizer(String repository) {
    Authorizer known = authorizers.getIfPresent(repository);
    if (known != null) {
      return known;
    }
    String whole = repository.isEmpty() ? registry : registry + "/" + repository;
    Authorizer made = new Authorizer(http, origin(), new Remembered(() -> credentials.find(whole)));
    Authorizer other = authorizers.asMap().putIfAbsent(repository, made);
    return other == null ? made : other;
  }

  /** Forgets tokens and credentials: somebody logged in or out. */
  void forgetCredentials() {
    authorizers.invalidateAll();
  }

  /** Tries credentials; see {@link Authorizer#identity}. */
  Authorizer authorizerFor(RegistryCredentials user) {
    return new Authorizer(http, origin(), () -> new Known(Optional.of(user), Optional.empty()));
  }

  /** Sends a request, repeats it where that may help, and follows redirects. */
  Response send(Request request, String repository, Set<String> scopes) {
    return follow(request, authorizer(repository), scopes, http::send);
  }

  /**
   * The same without repeating what failed, for a payload that goes on where it was.
   *
   * @throws Broken when the connection did
   */
  Response sendOnce(Request request, String repository, Set<String> scopes) {
    return follow(request, authorizer(repository), scopes, this::once);
  }

  /** Sends a request without credentials. */
  Response sendBare(Request request) {
    return http.send(request);
  }

  /** Sends a request with credentials of its own. */
  Response sendWith(Request request, Authorizer authorizer, Set<String> scopes) {
    return follow(request, authorizer, scopes, http::send);
  }

  /** A connection broke; asking again may help. */
  static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(IOException cause) {
      super(cause);
    }
  }

  private Response once(Request request) {
    try {
      return http.once(request);
    } catch (IOException failure) {
      if (http.isPassing(request, failure)) {
        throw new Broken(failure);
      }
      throw Retrying.failed(request, failure);
    }
  }

  private Response follow(
      Request request, Authorizer authorizer, Set<String> scopes, Authorizer.Sending sending) {
    return Redirects.follow(
        request,
        next ->
            Origin.of(next.target()).equals(origin())
                ? authorizer.send(next, scopes, sending)
                : sending.send(next));
  }

  /** Credentials of a moment ago: a helper program takes longer than a request. */
  private static final class Remembered implements Supplier<Known> {
    private static final long FRESH = TimeUnit.SECONDS.toNanos(30);
    private final Supplier<Known> source;
    private @Nullable Known known;
    private long since;

    Remembered(Supplier<Known> source) {
      this.source = source;
    }

    @Override
    public synchronized Known get() {
      Known fresh = known;
      if (fresh == null || System.nanoTime() - since > FRESH) {
        fresh = source.get();
        known = fresh;
        since = System.nanoTime();
      }
      return fresh;
    }
  }
}
