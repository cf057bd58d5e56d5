package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.ProxyChoice;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Brings a file by HTTP. A line may be slow for as long as it likes, and silent for a minute. */
public final class TarDownload {
  private static final Duration SILENCE = Duration.ofMinutes(1);
  private static final long LOOK_MILLIS = 500;
  private static final int OK = 200;

  private final URI source;
  private final Executor executor;
  private final ProxyChoice proxies;
  private final Duration silence;
  private final UnpackLimit.Source limits;

  /**
   * Prepares one.
   *
   * @param executor runs the client's work
   * @param environment of which the proxies count
   * @throws InvalidSpecException unless it is a URI of http or https
   */
  public TarDownload(URI source, Executor executor, Map<String, String> environment) {
    this(source, executor, environment, SILENCE, UnpackLimit::in);
  }

  TarDownload(
      URI source,
      Executor executor,
      Map<String, String> environment,
      Duration silence,
      UnpackLimit.Source limits) {
    String scheme = String.valueOf(source.getScheme());
    if (!(scheme.equals("http") || scheme.equals("https")) || source.getHost() == null) {
      throw new InvalidSpecException(
          source + " cannot be imported: give a URL of http or https, a file, or a stream");
    }
    this.source = source;
    this.executor = executor;
    this.proxies = ProxyChoice.of(environment);
    this.silence = silence;
    this.limits = limits;
  }

  /** Where it comes from, without what should not be shown: user and password. */
  public String origin() {
    return source.getScheme()
        + "://"
        + source.getHost()
        + (source.getPort() < 0 ? "" : ":" + source.getPort())
        + Optional.ofNullable(source.getRawPath()).orElse("");
  }

  /**
   * Writes the file, which its caller removes in any case.
   *
   * @throws InvalidSpecException when there is no room for it
   */
  public void to(Path file) throws IOException {
    UnpackLimit limit = limits.in(Objects.requireNonNull(file.getParent()));
    Origin origin = Origin.of(source);
    HttpClient client =
        HttpClient.newBuilder()
            .executor(executor)
            .connectTimeout(silence)
            .proxy(proxies.selector())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest.Builder request = HttpRequest.newBuilder(source);
    proxies
        .of(origin)
        .flatMap(proxy -> proxy.authorizationFor(origin))
        .ifPresent(value -> request.setHeader("Proxy-Authorization", value));
    CompletableFuture<HttpResponse<Path>> answer =
        client.sendAsync(
            request.build(),
            info ->
                info.statusCode() == OK
                    ? HttpResponse.BodySubscribers.ofFile(file)
                    : HttpResponse.BodySubscribers.replacing(file));
    try {
      check(await(answer, file, limit));
      checkSize(file, limit);
    } finally {
      answer.cancel(true);
    }
  }

  private void check(HttpResponse<Path> response) {
    if (response.statusCode() != OK) {
      throw new RegistryException(
          "cannot download " + origin() + ": the server answers " + response.statusCode(),
          response.statusCode());
    }
  }

  private long checkSize(Path file, UnpackLimit limit) throws IOException {
    long size = Files.exists(file) ? Files.size(file) : -1;
    limit.check(size, size, origin());
    return size;
  }

  private HttpResponse<Path> await(
      CompletableFuture<HttpResponse<Path>> answer, Path file, UnpackLimit limit)
      throws IOException {
    long size = -1;
    long heard = System.nanoTime();
    while (true) {
      try {
        return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException notYet) {
        long now = checkSize(file, limit);
        if (now != size) {
          size = now;
          heard = System.nanoTime();
        } else if (System.nanoTime() - heard > silence.toNanos()) {
          throw new TimedOutException(
              "cannot download "
                  + origin()
                  + ": nothing came for "
                  + silence.toSeconds()
                  + " s; try again");
        }
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while downloading " + origin(), interruption);
      } catch (ExecutionException failure) {
        throw new IOException(
            "cannot download " + origin() + ": " + failure.getCause(), failure.getCause());
      }
    }
  }
}
