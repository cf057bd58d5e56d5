package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Sends requests over connections that are kept for the next one. An interrupt of its caller ends
 * an exchange. Redirects are answers like others. Thread-safe; {@link #close} ends every exchange
 * that is under way.
 */
public final class Transport implements AutoCloseable {
  private final Duration connectTimeout;
  private final Duration silence;
  private final Trust trust;
  private final ProxyChoice proxies;
  private final Workers workers = new Workers();
  private final Map<SSLContext, HttpClient> clients = new HashMap<>();
  private final Set<Exchange> running = new HashSet<>();
  private final SSLContext nobody = trustingNobody();
  private boolean closed;

  /**
   * @param connectTimeout for a connection
   * @param silence the longest that the other side may say nothing, and take nothing
   * @param env the environment, of which the proxies count
   */
  public Transport(
      Duration connectTimeout, Duration silence, Trust trust, Map<String, String> env) {
    this.connectTimeout = connectTimeout;
    this.silence = silence;
    this.trust = trust;
    this.proxies = ProxyChoice.of(env);
  }

  /** For what is never asked about certificates: the JVM's own authorities need not be read. */
  private static SSLContext trustingNobody() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[0], null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
  }

  /**
   * Sends a request and reads the answer's head.
   *
   * @throws IOException when there is no answer; the thread's interrupt flag tells whether that is
   *     why
   */
  public Response exchange(Request request) throws IOException {
    Origin origin = Origin.of(request.target());
    SSLContext context = origin.tls() ? trust.of(origin) : nobody;
    Request sent =
        proxies
            .of(origin)
            .flatMap(proxy -> proxy.authorizationFor(origin))
            .map(value -> request.with("Proxy-Authorization", value))
            .orElse(request);
    Exchange exchange = new Exchange(sent, silence, this::forget);
    HttpClient client = begin(exchange, context);
    try {
      return exchange.run(client);
    } catch (IOException | RuntimeException | Error failure) {
      exchange.abandon();
      throw failure;
    }
  }

  /** Threads that end with this, a moment after they were needed. */
  Executor threads() {
    return workers;
  }

  private synchronized HttpClient begin(Exchange exchange, SSLContext context) throws IOException {
    if (closed) {
      throw new IOException("the engine is closed");
    }
    running.add(exchange);
    return clients.computeIfAbsent(context, this::client);
  }

  private HttpClient client(SSLContext context) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(connectTimeout)
        .proxy(proxies.selector())
        .sslContext(context)
        .executor(workers)
        .build();
  }

  private synchronized void forget(Exchange exchange) {
    running.remove(exchange);
  }

  @Override
  public void close() {
    List<Exchange> broken;
    List<HttpClient> unused;
    synchronized (this) {
      closed = true;
      broken = List.copyOf(running);
      unused = List.copyOf(clients.values());
      clients.clear();
    }
    broken.forEach(Exchange::abandon);
    unused.forEach(Workers::end);
    workers.close();
  }
}
