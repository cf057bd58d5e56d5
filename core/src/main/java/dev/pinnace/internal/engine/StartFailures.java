package dev.pinnace.internal.engine;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.internal.container.LogReader;
import dev.pinnace.linux.Errno;
import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Says why a start failed, as well as this engine knows. */
final class StartFailures {
  private static final int LAST_LINES = 20;

  private StartFailures() {}

  /**
   * The exception to throw.
   *
   * @param failure of the start
   * @param recorded of the container's record: where that was not written, the start was called off
   * @param logs of the container, which may have run before
   */
  static RuntimeException explained(
      RuntimeException failure, CompletableFuture<Void> recorded, Path logs) {
    Optional<RuntimeException> unwritten = failure(recorded);
    boolean calledOff =
        failure instanceof StartFailedException failed && failed.errno() == Errno.ECANCELED;
    if (unwritten.isPresent() && calledOff) {
      unwritten.get().addSuppressed(failure);
      return unwritten.get();
    }
    unwritten.ifPresent(failure::addSuppressed);
    return failure instanceof StartFailedException failed ? withLastLines(failed, logs) : failure;
  }

  private static Optional<RuntimeException> failure(CompletableFuture<Void> recorded) {
    if (!recorded.isCompletedExceptionally()) {
      return Optional.empty();
    }
    try {
      recorded.join();
      return Optional.empty();
    } catch (CompletionException e) {
      return Optional.of(e.getCause() instanceof RuntimeException cause ? cause : e);
    }
  }

  private static StartFailedException withLastLines(StartFailedException failure, Path logs) {
    try {
      return failure.withLastLogs(lastLines(logs));
    } catch (RuntimeException unreadable) {
      failure.addSuppressed(unreadable);
      return failure;
    }
  }

  /** The last lines that a container wrote. */
  static List<String> lastLines(Path logs) {
    return LogReader.read(logs, LogQuery.all().tail(LAST_LINES)).stream()
        .map(LogLine::text)
        .toList();
  }
}
