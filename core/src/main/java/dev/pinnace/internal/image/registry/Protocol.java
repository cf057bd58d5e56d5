package dev.pinnace.internal.image.registry;

import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.BadAnswerException;
import dev.pinnace.internal.image.registry.http.Loopback;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.image.registry.http.TunnelRefusedException;
import dev.pinnace.internal.image.registry.tls.RegistryTrust;
import dev.pinnace.spec.Registries;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.util.Set;
import java.util.function.IntPredicate;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out whether a registry is spoken to by TLS or in plain HTTP, as far as {@link Registries}
 * leaves that open. Thread-safe.
 */
final class Protocol {
  private static final Logger LOG = LoggerFactory.getLogger(Protocol.class);

  private static final int PASSWORD_WANTED = 407;
  private static final int SERVERS_TROUBLE = 500;

  /** What {@code /v2/} answers; anything else may be a page of a proxy. */
  private static final Set<Integer> OF_REGISTRIES = Set.of(200, 401);

  private final Registries registries;
  private final RegistryTrust trust;
  private final Retrying http;

  Protocol(Registries registries, RegistryTrust trust, Retrying http) {
    this.registries = registries;
    this.trust = trust;
    this.http = http;
  }

  /**
   * The place of a registry. Where it had to be asked, it has answered there.
   *
   * @throws RegistryException when it does not answer
   */
  Origin origin(String registry) {
    String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    Origin secure = Origin.of(URI.create("https://" + host));
    Origin plain = Origin.of(URI.create("http://" + host));
    if (registries.isPlainHttp(registry)) {
      return plain;
    }
    if (registries.isInsecure(registry)) {
      return secureUnlessPlain(secure, plain);
    }
    if (!Loopback.is(secure.host()) || trust.isChosen(secure)) {
      return secure;
    }
    return speaksHttp(plain, status -> true) ? plain : secure;
  }

  /**
   * Any certificate will do. A connection that breaks or is silent tells nothing about the
   * protocol, so that is tried again, and plain HTTP only where TLS is not spoken, or by nobody, or
   * where a proxy lets none through.
   */
  private Origin secureUnlessPlain(Origin secure, Origin plain) {
    try (Response response = http.send(Request.of("GET", URI.create(secure + "/v2/")))) {
      response.discard();
      return secure;
    } catch (RegistryException failure) {
      boolean noTls =
          failure.getCause() instanceof SSLException
              || failure.getCause() instanceof ConnectException
              || isForbidden(failure);
      if (!noTls || !isPlain(plain, failure)) {
        throw failure;
      }
      LOG.debug("{} does not speak TLS, but plain HTTP", secure, failure);
      return plain;
    }
  }

  /** Whether a proxy wants no tunnel, rather than a password or another attempt. */
  private static boolean isForbidden(RegistryException failure) {
    return failure.getCause() instanceof TunnelRefusedException refusal
        && refusal.status() != PASSWORD_WANTED
        && refusal.status() < SERVERS_TROUBLE;
  }

  /** Why it does not speak TLS is the failure that counts where it does not speak HTTP either. */
  private boolean isPlain(Origin plain, RegistryException noTls) {
    try {
      boolean byProxy = noTls.getCause() instanceof TunnelRefusedException;
      return speaksHttp(plain, byProxy ? OF_REGISTRIES::contains : status -> true);
    } catch (RegistryException silent) {
      noTls.addSuppressed(silent);
      return false;
    }
  }

  /**
   * On loopback a plain request costs less than a handshake that fails, and gives nothing away.
   * Servers of TLS answer it with 400 and a text or a page; one in JSON is a registry's own.
   *
   * @param answers statuses that are the registry's word, where a proxy may answer as well
   */
  private boolean speaksHttp(Origin plain, IntPredicate answers) {
    Request request = Request.of("GET", URI.create(plain + "/v2/"));
    try (Response response = http.once(request)) {
      boolean elsewhere =
          Redirects.isRedirect(response)
              && response.headers().first("Location").orElse("").startsWith("https:");
      boolean refused =
          (response.status() == 400 && !Refusals.isJson(response)) || response.status() == 426;
      response.discard();
      return !elsewhere && !refused && answers.test(response.status());
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
}
