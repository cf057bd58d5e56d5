package dev.pinnace.internal.image.registry.http;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.RegistryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLException;

/**
 * Sends requests again that failed for a passing reason: broken connections, and the statuses of
 * {@link Backoff#after}, also of a proxy that refuses a tunnel. A host that has never answered is
 * not asked twice: its name is more likely wrong. Thread-safe.
 */
public final class Retrying {
  private static final int MOST_ORIGINS = 1000;

  private final Transport transport;
  private final int retries;
  private final Cache<Origin, Boolean> answered =
      CacheBuilder.newBuilder().maximumSize(MOST_ORIGINS).build();

  public Retrying(Transport transport, int retries) {
    this.transport = transport;
    this.retries = retries;
  }

  /** How often a request is repeated. */
  public int retries() {
    return retries;
  }

  /** Threads for requests that nobody waits for; they end with the transport. */
  public Executor threads() {
    return transport.threads();
  }

  /**
   * The answer, whatever its status.
   *
   * @throws RegistryException when there is none after all attempts
   * @throws CancelledException if the thread is interrupted
   */
  public Response send(Request request) {
    for (int attempt = 1; ; attempt++) {
      String why;
      Duration pause;
      try {
        Response response = once(request);
        Optional<Duration> wait = Backoff.after(response, attempt);
        if (wait.isEmpty() || attempt > retries) {
          return response;
        }
        pause = wait.get();
        why = Origin.of(request.target()) + " answered " + response.status();
        response.discard();
      } catch (IOException failure) {
        if (attempt > retries || !isPassing(request, failure)) {
          throw failed(request, failure);
        }
        pause = Backoff.before(attempt);
        why = Origin.of(request.target()) + ": " + failure.getMessage();
      }
      Backoff.pause(pause, why);
    }
  }

  /**
   * One attempt.
   *
   * @throws CancelledException if the thread is interrupted
   */
  public Response once(Request request) throws IOException {
    try {
      Response response = transport.exchange(request);
      answered.put(Origin.of(request.target()), true);
      return response;
    } catch (IOException failure) {
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted while talking to " + request.target(), failure);
      }
      throw failure;
    }
  }

  /** Whether another attempt may go better. */
  public boolean isPassing(Request request, IOException failure) {
    if (failure instanceof TunnelRefusedException refusal) {
      return Backoff.isPassing(refusal.status());
    }
    boolean unreachable =
        failure instanceof ConnectException
            || failure instanceof NoRouteToHostException
            || failure instanceof UnknownHostException;
    return !(failure instanceof BadAnswerException)
        && !isDistrust(failure)
        && !Failures.isPlaintext(failure)
        && (!unreachable || answered.getIfPresent(Origin.of(request.target())) != null);
  }

  private static boolean isDistrust(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  /**
   * What an answer failed with whose head was here.
   *
   * @param what was attempted, to follow "cannot"
   */
  public static PinnaceException brokenOff(String what, IOException failure) {
    return Thread.currentThread().isInterrupted()
        ? new CancelledException("interrupted: cannot " + what, failure)
        : new RegistryException("cannot " + what + ": " + failure.getMessage(), failure);
  }

  /** What a request failed with, for people. */
  public static RegistryException failed(Request request, IOException failure) {
    Origin origin = Origin.of(request.target());
    String what = "cannot reach " + origin + ": ";
    if (isDistrust(failure)) {
      return new RegistryException(
          what
              + "its certificate is not trusted ("
              + failure.getMessage()
              + "); if it is signed by an authority of your own, name that one's file with"
              + " Registries.certificateAuthorities, --registry-ca of the command line, or as"
              + " /etc/docker/certs.d/"
              + origin.authority()
              + "/ca.crt",
          failure);
    }
    if (failure instanceof SSLException) {
      return new RegistryException(
          what
              + "it does not speak TLS as it should ("
              + failure.getMessage()
              + "); if it speaks plain HTTP, name it with Registries.plainHttp, or"
              + " --insecure-registry of the command line",
          failure);
    }
    if (failure instanceof BadAnswerException) {
      return new RegistryException(
          what + "that is not a registry: " + failure.getMessage(), failure);
    }
    if (failure instanceof SocketTimeoutException) {
      return new RegistryException(what + "it is silent (" + failure.getMessage() + ")", failure);
    }
    return new RegistryException(
        what + (failure.getMessage() == null ? failure.toString() : failure.getMessage()), failure);
  }
}
