package dev.pinnace.internal.engine;

import dev.pinnace.Attachment;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.RunningAttachment;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An attachment as its caller has it. Thread-safe. */
final class EngineAttachment implements Attachment {
  private static final Logger LOG = LoggerFactory.getLogger(EngineAttachment.class);

  private final ConsumerFailure own = new ConsumerFailure();
  private final CompletableFuture<RunningAttachment> running = new CompletableFuture<>();

  /** A consumer that fails ends the attachment; the end of a stream is not its business. */
  Consumer<byte[]> guarded(Consumer<byte[]> consumer) {
    Consumer<byte[]> kept = own.keptOf(consumer);
    return piece -> {
      if (piece.length == 0) {
        return;
      }
      try {
        kept.accept(piece);
      } catch (RuntimeException | Error e) {
        CompletableFuture<?> unused = running.thenAccept(RunningAttachment::close);
        throw e;
      }
    };
  }

  /** What a consumer has thrown comes out of {@link #await}. */
  void failed(Throwable failure) {
    if (!own.is(failure)) {
      LOG.warn("output of a container is not handed on any more: {}", failure.getMessage());
      LOG.debug("the cause", failure);
    }
  }

  void begun(RunningAttachment attachment) {
    running.complete(attachment);
  }

  @Override
  public void resize(TerminalSize size) {
    Objects.requireNonNull(size, "size");
    if (running.join().over().isDone()) {
      return;
    }
    try {
      running.join().resize(size);
    } catch (ConflictException ended) {
      LOG.debug("a terminal is not resized", ended);
    }
  }

  @Override
  public Detachment await() {
    Detachment reason =
        Waits.await(running.join().over(), Waits.FOREVER, "the end of an attachment");
    own.throwIfAny();
    return reason;
  }

  @Override
  public void close() {
    running.join().close();
  }
}
