package dev.pinnace.internal.image.registry;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.pinnace.internal.image.registry.auth.Authorizer;
import dev.pinnace.internal.image.registry.auth.CredentialStore;
import dev.pinnace.internal.image.registry.http.BadAnswerException;
import dev.pinnace.internal.image.registry.http.Loopback;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.image.registry.tls.RegistryTrust;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One place that answers for a registry: the registry itself or a mirror. Adds credentials and
 * follows redirects, over which no credentials go. Thread-safe.
 */
final class Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);
  private static final int MOST_REPOSITORIES = 500;
  private static final long DOWN_FOR = TimeUnit.SECONDS.toNanos(60);

  private final String registry;
  private final Registries registries;
  private final RegistryTrust trust;
  private final Retrying http;
  private final CredentialStore credentials;
  private final Cache<String, Authorizer> authorizers =
      CacheBuilder.newBuilder().maximumSize(MOST_REPOSITORIES).build();
  private volatile @Nullable Origin origin;
  private volatile long downSince;
  private volatile boolean down;

  Endpoint(
      String registry,
      Registries registries,
      RegistryTrust trust,
      Retrying http,
      CredentialStore credentials) {
    this.registry = registry;
    this.registries = registries;
    this.trust = trust;
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
      known = findOrigin();
      origin = known;
    }
    return known;
  }

  private Origin findOrigin() {
    String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    Origin secure = Origin.of(URI.create("https://" + host));
    if (registries.isPlainHttp(registry)) {
      return Origin.of(URI.create("http://" + host));
    }
    if (registries.isInsecure(registry)) {
      return speaksTls(secure) ? secure : plain(host);
    }
    if (!Loopback.is(secure.host()) || trust.isChosen(secure)) {
      return secure;
    }
    return speaksHttp(Origin.of(URI.create("http://" + host))) ? plain(host) : secure;
  }

  /** Any certificate will do; what fails nevertheless may be a server of plain HTTP. */
  private boolean speaksTls(Origin secure) {
    try (Response response = http.once(Request.of("GET", URI.create(secure + "/v2/")))) {
      response.discard();
      return true;
    } catch (IOException failure) {
      LOG.debug("{} does not speak TLS, trying plain HTTP", secure, failure);
      return false;
    }
  }

  private static Origin plain(String host) {
    return Origin.of(URI.create("http://" + host));
  }

  /**
   * On loopback a plain request costs less than a handshake that fails, and gives nothing away.
   * Servers of TLS answer it with 400 and a text or a page; one in JSON is a registry's own.
   */
  private boolean speaksHttp(Origin plain) {
    Request request = Request.of("GET", URI.create(plain + "/v2/"));
    try (Response response = http.once(request)) {
      boolean elsewhere =
          Redirects.isRedirect(response)
              && response.headers().first("Location").orElse("").startsWith("https:");
      boolean refused =
          (response.status() == 400 && !Refusals.isJson(response)) || response.status() == 426;
      response.discard();
      return !elsewhere && !refused;
    } catch (BadAnswerException | EOFException notHttp) {
      return false;
    } catch (SocketException broken) {
      if (http.isPassing(request, broken)) {
        return false;
      }
      throw Retrying.failed(request, broken);
    } catch (IOException failure) {
      throw Retrying.failed(request, failure);
    }
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
    return new Authorizer(http, origin(), () -> Optional.of(user));
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
  private static final class Remembered implements Supplier<Optional<RegistryCredentials>> {
    private static final long FRESH = TimeUnit.SECONDS.toNanos(30);
    private final Supplier<Optional<RegistryCredentials>> source;
    private Optional<RegistryCredentials> known = Optional.empty();
    private long since;
    private boolean asked;

    Remembered(Supplier<Optional<RegistryCredentials>> source) {
      this.source = source;
    }

    @Override
    public synchronized Optional<RegistryCredentials> get() {
      if (!asked || System.nanoTime() - since > FRESH) {
        known = source.get();
        since = System.nanoTime();
        asked = true;
      }
      return known;
    }
  }
}
