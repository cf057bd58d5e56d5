package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request and its answer. Its caller's thread waits and writes; any may abandon it. */
final class Exchange {
  private final Request request;
  private final Duration silence;
  private final Consumer<Exchange> ended;
  private final Optional<PayloadPublisher> payload;
  private @Nullable CompletableFuture<HttpResponse<BodyStream>> answer;
  private @Nullable BodyStream body;
  private boolean abandoned;

  /**
   * @param ended told when it is over, body included
   */
  Exchange(Request request, Duration silence, Consumer<Exchange> ended) {
    this.request = request;
    this.silence = silence;
    this.ended = ended;
    this.payload =
        request
            .payload()
            .filter(bytes -> bytes.length() > 0)
            .map(bytes -> new PayloadPublisher(bytes, silence));
  }

  Response run(HttpClient client) throws IOException {
    CompletableFuture<HttpResponse<BodyStream>> coming = begin(client);
    try {
      if (payload.isPresent()) {
        var unused = coming.whenComplete((response, failure) -> payload.get().wake());
        payload.get().serve(coming);
      }
      return read(coming.get(silence.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (TimeoutException e) {
      throw (IOException)
          new SocketTimeoutException("nothing came for " + Failures.seconds(silence)).initCause(e);
    } catch (CancellationException | ExecutionException e) {
      throw isAbandoned() ? new IOException("the engine is closed", e) : Failures.of(request, e);
    }
  }

  private synchronized boolean isAbandoned() {
    return abandoned;
  }

  private synchronized CompletableFuture<HttpResponse<BodyStream>> begin(HttpClient client)
      throws IOException {
    if (abandoned) {
      throw new IOException("the engine is closed");
    }
    CompletableFuture<HttpResponse<BodyStream>> coming =
        client.sendAsync(
            request.toHttp(payload.isPresent() ? payload.get() : BodyPublishers.noBody()),
            this::open);
    answer = coming;
    return coming;
  }

  private synchronized BodyStream open(ResponseInfo head) {
    boolean bodiless =
        request.method().equals("HEAD") || head.statusCode() == 204 || head.statusCode() == 304;
    long length = bodiless ? 0 : Headers.lengthOrUnknown(head.headers());
    BodyStream stream = new BodyStream(length, silence, () -> ended.accept(this));
    body = stream;
    if (abandoned) {
      stream.close();
    }
    return stream;
  }

  private Response read(HttpResponse<BodyStream> response) throws IOException {
    int status = response.statusCode();
    if (status < 200) {
      throw new BadAnswerException("it answers with the interim status " + status);
    }
    if (status == 407 && Origin.of(request.target()).tls()) {
      throw new IOException("the proxy refuses a tunnel (407): it wants to know who asks");
    }
    Headers headers = new Headers(response.headers());
    long unused = headers.contentLength();
    return new Response(status, headers, request.target(), response.body());
  }

  /** Ends it wherever it is. */
  void abandon() {
    CompletableFuture<?> coming;
    BodyStream stream;
    synchronized (this) {
      abandoned = true;
      coming = answer;
      stream = body;
    }
    if (coming != null) {
      coming.cancel(true);
    }
    if (stream != null) {
      stream.close();
    }
    ended.accept(this);
  }
}
