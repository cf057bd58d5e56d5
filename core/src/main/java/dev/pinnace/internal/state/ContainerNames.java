package dev.pinnace.internal.state;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of containers. A link gives a name to a container, and is stale once the container is
 * gone or its record says another name; while there is no record, or none that can be read, the
 * link counts. Whoever takes away a name that is not his, and whoever changes one, holds a lock of
 * all names, lest a new owner's is taken. Thread-safe.
 */
public final class ContainerNames implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerNames.class);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int ATTEMPTS = 200;

  private final NameLinks links;
  private final RunDirectories runs;
  private final ContainerRecords records;

  ContainerNames(NameLinks links, RunDirectories runs, ContainerRecords records) {
    this.links = links;
    this.runs = runs;
    this.records = records;
  }

  /** Takes a name, unless a container has it. */
  public boolean take(String name, ContainerId id) {
    if (links.make(name, id)) {
      return true;
    }
    try (LockFile lock = lock()) {
      return isMade(name, id);
    }
  }

  /**
   * Gives a container another name. Its record decides which of the two it has, also when this
   * process is killed meanwhile or the disk is full. Needs the container's lock.
   *
   * @return its record, or nothing if that name is another's
   */
  public Optional<ContainerRecord> change(ContainerRecord record, String name) {
    try (LockFile lock = lock()) {
      if (!isMade(name, record.id())) {
        return Optional.empty();
      }
      FaultPoints.reached("new name taken");
      ContainerRecord renamed = record.named(name);
      records.write(renamed);
      FaultPoints.reached("container renamed");
      free(record.name(), record.id());
      return Optional.of(renamed);
    }
  }

  /** Needs the lock. */
  private boolean isMade(String name, ContainerId id) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (links.make(name, id)) {
        return true;
      }
      FaultPoints.reached("name refused");
      if (!isFreed(name)) {
        return false;
      }
    }
    return false;
  }

  /** Gives a name up if it is that container's. */
  public void free(String name, ContainerId id) {
    if (links.find(name).filter(id::equals).isPresent()) {
      links.remove(name);
    }
  }

  /** Whose name it is. Where something else is in its place, the records are asked. */
  public Optional<ContainerId> find(String name) {
    return links.isForeign(name)
        ? records.ids().stream().filter(id -> isRecordedAs(id, name)).findFirst()
        : links.find(name).filter(id -> recordedName(id).filter(n -> !n.equals(name)).isEmpty());
  }

  /** The name of a container whose record does not tell. */
  public Optional<String> of(ContainerId id) {
    return links.list().stream()
        .filter(name -> links.find(name).filter(id::equals).isPresent())
        .findFirst();
  }

  /** What has a name that cannot be taken, for messages. */
  public String holderOf(String name) {
    return find(name)
        .map(id -> "container " + id.shortHex())
        .orElseGet(
            () ->
                links.isForeign(name)
                    ? "the file " + links.path(name)
                    : "a container that has just given it up");
  }

  /** Removes names of containers that are not there, or have another. */
  public void sweep() {
    try (LockFile lock = lock()) {
      for (String name : links.list()) {
        if (links.isForeign(name)) {
          LOG.warn(
              "{} is not the name of a container and is left alone: remove it", links.path(name));
        } else if (isStale(name)) {
          links.remove(name);
        }
      }
    }
  }

  /**
   * Whether nobody has a name any more; a stale one is removed, and one may have been given up this
   * very moment. Needs the lock.
   */
  private boolean isFreed(String name) {
    if (isStale(name)) {
      links.remove(name);
      return true;
    }
    return links.isFree(name);
  }

  private boolean isStale(String name) {
    Optional<ContainerId> id = links.find(name);
    return id.isPresent()
        && (id.filter(records::hasDirectory).isEmpty()
            || id.flatMap(this::recordedName).filter(n -> !n.equals(name)).isPresent());
  }

  private boolean isRecordedAs(ContainerId id, String name) {
    return recordedName(id).filter(name::equals).isPresent();
  }

  private Optional<String> recordedName(ContainerId id) {
    try {
      return records.read(id).map(ContainerRecord::name);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("container {} does not say its name", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  private LockFile lock() {
    LockFile lock = runs.shared("names.lock");
    try {
      if (lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE)) {
        return lock;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      lock.close();
      throw new CancelledException("interrupted while waiting for the lock of the names", e);
    }
    lock.close();
    throw new TimedOutException(
        "the names of containers were locked for " + PATIENCE.toSeconds() + " s");
  }

  @Override
  public void close() {
    links.close();
  }
}
