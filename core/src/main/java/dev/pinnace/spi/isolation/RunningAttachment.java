package dev.pinnace.spi.isolation;

import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;
import java.util.concurrent.CompletableFuture;

/** Somebody who is attached to a container. Thread-safe. */
public interface RunningAttachment extends AutoCloseable {
  /** Completes when both streams have ended and were handed on. */
  CompletableFuture<Detachment> over();

  /** Gives the container's terminal another size. */
  void resize(TerminalSize size);

  /** Detaches; the container goes on. */
  @Override
  void close();
}
