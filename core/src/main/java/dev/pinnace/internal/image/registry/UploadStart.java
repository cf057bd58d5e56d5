package dev.pinnace.internal.image.registry;

import com.google.common.base.Throwables;
import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * The request that begins an upload, sent by another thread: where its caller is interrupted, the
 * answer that names the upload is waited for a moment longer, so that the upload can be given up.
 */
final class UploadStart {
  private final Destination to;
  private final String what;
  private final FutureTask<Response> answer;

  /**
   * @param what what is attempted, to follow "cannot"
   */
  UploadStart(Destination to, Request request, Set<String> scopes, String what) {
    this.to = to;
    this.what = what;
    this.answer = new FutureTask<>(() -> to.endpoint().send(request, to.path(), scopes));
  }

  /**
   * The answer, whatever its status.
   *
   * @throws CancelledException if the thread is interrupted; the request is ended then
   */
  Response await() {
    try {
      to.endpoint().threads().execute(answer);
      return answer.get();
    } catch (InterruptedException interruption) {
      LastWord.say("give up what began to " + what, to.endpoint().threads(), this::giveUp);
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted: cannot " + what, interruption);
    } catch (RejectedExecutionException closed) {
      throw new CancelledException("the engine is closed: cannot " + what, closed);
    } catch (ExecutionException failure) {
      Throwables.throwIfUnchecked(Objects.requireNonNull(failure.getCause()));
      throw new IllegalStateException("nothing else is thrown there", failure);
    } finally {
      answer.cancel(true);
    }
  }

  private void giveUp() throws InterruptedException {
    Response begun;
    try {
      begun = answer.get();
    } catch (ExecutionException unanswered) {
      return; // Which upload it was, if there is one, nobody can tell.
    }
    begun.discard();
    if (begun.status() == Destination.ACCEPTED) {
      to.giveUp(Redirects.target(begun));
    }
  }
}
