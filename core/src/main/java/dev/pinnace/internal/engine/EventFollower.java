package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import dev.pinnace.internal.event.EventReader;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of a filter one after the other, those that are kept and then those that come. For one
 * thread at a time, but {@link #close} for any.
 */
final class EventFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventFollower.class);
  private static final Duration UNTOLD = Duration.ofSeconds(1);
  private static final Duration UNWATCHED = Duration.ofMillis(50);

  private final EventLog log;
  private final EventReader reader;
  private final EventFilter filter;
  private final @Nullable WatchService watch;
  private final Deque<Event> found = new ArrayDeque<>();
  private final Consumer<EventFollower> closing;
  private volatile boolean closed;

  private EventFollower(EventLog log, EventFilter filter, Consumer<EventFollower> closing) {
    this.log = log;
    this.reader = log.reader(); // may fail, and then nobody closes a watch
    this.filter = filter;
    this.watch = watch(log);
    this.closing = closing;
  }

  /**
   * Begins: what happens after that is seen.
   *
   * @param closing is told of the end
   */
  static EventFollower of(EventLog log, EventFilter filter, Consumer<EventFollower> closing) {
    EventFollower follower = new EventFollower(log, filter, closing);
    try {
      if (filter.since().isEmpty()) {
        follower.reader.skip();
      } else {
        follower.read();
      }
      return follower;
    } catch (RuntimeException | Error e) {
      follower.close();
      throw e;
    }
  }

  /** The kernel tells of changes by inotify, of which a user has 128 by default: null without. */
  private static @Nullable WatchService watch(EventLog log) {
    try {
      WatchService watch = log.directory().getFileSystem().newWatchService();
      try {
        WatchKey unused =
            log.directory()
                .register(
                    watch,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_CREATE);
        return watch;
      } catch (IOException | RuntimeException e) {
        watch.close();
        throw e;
      }
    } catch (IOException | RuntimeException none) {
      LOG.debug("events are looked for at intervals", none);
      return null;
    }
  }

  /**
   * Waits for the next one.
   *
   * @return empty at the end: the filter's, or by {@link #close}
   * @throws CancelledException when interrupted
   */
  Optional<Event> next() {
    return next(Duration.ofDays(365));
  }

  /** The same, empty also when there is none within {@code limit}. */
  Optional<Event> next(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (found.isEmpty()) {
      boolean last = isOver() || System.nanoTime() >= end;
      if (closed) {
        return Optional.empty();
      }
      read();
      if (found.isEmpty() && last) {
        return Optional.empty();
      }
      if (found.isEmpty()) {
        await(Duration.ofNanos(end - System.nanoTime()));
      }
    }
    return Optional.of(found.remove());
  }

  /** Whether nothing more can come. */
  boolean isOver() {
    return closed || filter.until().map(Instant.now()::isAfter).orElse(false);
  }

  private synchronized void read() {
    if (!closed) {
      tidy();
      reader.more().stream().filter(filter::matches).forEach(found::add);
    }
  }

  /** Supervisors alone may be writing. */
  private void tidy() {
    try {
      log.tidy();
    } catch (RuntimeException e) {
      LOG.debug("the files of events stay as they are", e);
    }
  }

  private void await(Duration limit) {
    Duration wait = watch == null ? UNWATCHED : UNTOLD;
    Duration until = filter.until().map(end -> Duration.between(Instant.now(), end)).orElse(wait);
    long nanos = Math.max(0, min(min(wait, until), limit).toNanos());
    try {
      if (watch == null) {
        TimeUnit.NANOSECONDS.sleep(nanos);
      } else {
        WatchKey key = watch.poll(nanos, TimeUnit.NANOSECONDS);
        if (key != null) {
          key.pollEvents();
          boolean unused = key.reset();
        }
      }
    } catch (ClosedWatchServiceException end) {
      LOG.trace("no longer followed", end);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for an event", e);
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Ends it, and whoever waits for the next one. */
  @Override
  public void close() {
    closed = true;
    closing.accept(this);
    try {
      if (watch != null) {
        watch.close();
      }
    } catch (IOException e) {
      LOG.debug("the kernel tells on", e);
    }
    synchronized (this) {
      reader.close();
    }
  }
}
