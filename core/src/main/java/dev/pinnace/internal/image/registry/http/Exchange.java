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
  private final CompletableFuture<Response> head = new CompletableFuture<>();
  private @Nullable CompletableFuture<HttpResponse<BodyStream>> sent;
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
    begin(client);
    try {
      if (payload.isPresent()) {
        payload.get().serve(head);
      }
      return read(head.get(patience().toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    } catch (TimeoutException e) {
      throw (IOException)
          new SocketTimeoutException("nothing came for " + Failures.seconds(patience()))
              .initCause(e);
    } catch (ExecutionException | CancellationException e) {
      throw isAbandoned() ? new IOException("the engine is closed", e) : Failures.of(request, e);
    }
  }

  private Duration patience() {
    return request.patience().filter(longer -> longer.compareTo(silence) > 0).orElse(silence);
  }

  private synchronized boolean isAbandoned() {
    return abandoned;
  }

  private synchronized void begin(HttpClient client) throws IOException {
    if (abandoned) {
      throw new IOException("the engine is closed");
    }
    CompletableFuture<HttpResponse<BodyStream>> coming =
        client.sendAsync(
            request.toHttp(payload.isPresent() ? payload.get() : BodyPublishers.noBody()),
            this::open);
    sent = coming;
    var unused = coming.whenComplete(this::end);
  }

  /** There is an end without a head where there is no answer, or where a proxy gave it. */
  private void end(@Nullable HttpResponse<BodyStream> response, @Nullable Throwable failure) {
    Throwable why = failure;
    if (response != null) {
      why = new TunnelRefusedException(response.statusCode());
    }
    if (why != null && head.completeExceptionally(why)) {
      wake();
    }
  }

  /**
   * The head is here. The client's own future is not waited for: when the body breaks off at once,
   * that fails, and what came of the body would be lost.
   */
  private BodyStream open(ResponseInfo info) {
    boolean bodiless =
        request.method().equals("HEAD") || info.statusCode() == 204 || info.statusCode() == 304;
    long length = bodiless ? 0 : Headers.lengthOrUnknown(info.headers());
    BodyStream stream = new BodyStream(length, silence, () -> ended.accept(this));
    boolean unwanted;
    synchronized (this) {
      body = stream;
      unwanted = abandoned;
    }
    if (unwanted) {
      stream.close();
    }
    Headers headers = new Headers(info.headers());
    head.complete(new Response(info.statusCode(), headers, request.target(), stream));
    wake();
    return stream;
  }

  private void wake() {
    payload.ifPresent(PayloadPublisher::wake);
  }

  private static Response read(Response response) throws IOException {
    if (response.status() < 200) {
      throw new BadAnswerException("it answers with the interim status " + response.status());
    }
    long unused = response.headers().contentLength();
    return response;
  }

  /** Ends it wherever it is. */
  void abandon() {
    CompletableFuture<?> coming;
    BodyStream stream;
    synchronized (this) {
      abandoned = true;
      coming = sent;
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
