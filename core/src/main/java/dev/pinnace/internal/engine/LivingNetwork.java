package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.spi.isolation.RunningContainer;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network namespace of a container that runs, or waits for its restart.
 *
 * @param container whose it is
 * @param namespace closed with this
 */
record LivingNetwork(RunningContainer container, Fd namespace) implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LivingNetwork.class);

  /** That of a container that was given one; empty if it does not run any more. */
  static Optional<LivingNetwork> of(Optional<RunningContainer> running) {
    try {
      Optional<Path> there = running.flatMap(RunningContainer::network);
      if (there.isEmpty()) {
        return Optional.empty();
      }
      LivingNetwork living = new LivingNetwork(running.get(), Inode.openForReading(there.get()));
      // A supervisor that answers now has had its number throughout.
      if (living.isStill(there)) {
        return Optional.of(living);
      }
      living.close();
    } catch (ConflictException ended) {
      if (!running.get().exit().isDone()) {
        throw ended; // it cannot be reached, which is another matter
      }
      LOG.debug("a container has ended meanwhile", ended);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT, Errno.ESRCH)) {
        throw refusal;
      }
      LOG.debug("a container has ended meanwhile", refusal);
    }
    return Optional.empty();
  }

  private boolean isStill(Optional<Path> there) {
    try {
      return there.equals(container.network());
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  @Override
  public void close() {
    namespace.close();
  }
}
