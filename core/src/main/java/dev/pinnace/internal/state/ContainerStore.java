package dev.pinnace.internal.state;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The records of containers, their directories and names. A container that is kept has its record
 * in {@code containers/<id>}; one that is removed at its end has it in the run directory. A
 * directory without a record, whose lock nobody holds, is a leftover. Thread-safe; changes to one
 * container are made under its {@link #lock}.
 */
public final class ContainerStore implements AutoCloseable {
  private static final int ATTEMPTS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofNanos(500_000);

  private final RootLayout layout;
  private final ContainerNames names;
  private final Dir containers;
  private final RunDirectories runs;
  private final ContainerRecords records;

  public ContainerStore(RootLayout layout) {
    this.layout = layout;
    try (Opened opened = new Opened()) {
      this.records = new ContainerRecords(layout);
      this.containers = opened.add(Dir.open(layout.containers()));
      this.runs = opened.add(new RunDirectories(layout.run()));
      this.names = opened.add(new ContainerNames(new NameLinks(layout.names()), runs, records));
      opened.keep();
    }
  }

  /** Where a container lives, depending on whether it is kept. */
  public ContainerPlace place(ContainerId id, boolean kept) {
    return new ContainerPlace(
        id.hex(), kept ? layout.container(id) : layout.run(id), layout.run(id));
  }

  /** Where its file system's changes are. */
  public Path layer(ContainerId id) {
    return layout.container(id);
  }

  /** Makes the directories of a new container and takes its lock. */
  public LockFile begin(ContainerId id) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      runs.make(id);
      Optional<LockFile> lock = runs.openLock(id, true);
      if (lock.isPresent() && runs.isTaken(lock.get(), id)) {
        makeDirectory(id, lock.get());
        return lock.get();
      }
      Waits.pause(PAUSE, "the directory of container " + id.shortHex());
    }
    throw new ConflictException(
        "container " + id.shortHex() + " was taken for a leftover while it was made: try again");
  }

  private void makeDirectory(ContainerId id, LockFile lock) {
    try {
      containers.mkdir(id.hex(), 0700);
    } catch (ErrnoException e) {
      try (lock) {
        runs.remove(id);
      }
      throw e;
    }
  }

  /**
   * Takes a container's lock, so that nobody else changes it; its run directory is made anew after
   * a reboot.
   *
   * @throws NotFoundException if there is no such container
   */
  public LockFile lock(ContainerId id) {
    return lock(id, PATIENCE);
  }

  /**
   * The same for whoever waits no longer than that.
   *
   * @throws TimedOutException if somebody else has it for longer
   */
  public LockFile lock(ContainerId id, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    while (containers.exists(id.hex())) {
      runs.make(id);
      Optional<LockFile> lock = runs.openLock(id, true);
      if (lock.isPresent() && awaitLock(lock.get(), id, end - System.nanoTime(), patience)) {
        return lock.get();
      }
    }
    throw noSuch(id);
  }

  /** Whether it was taken and is still the container's; it is closed otherwise. */
  private boolean awaitLock(LockFile lock, ContainerId id, long nanos, Duration patience) {
    boolean taken = false;
    try {
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, Duration.ofNanos(nanos))) {
        throw new TimedOutException(
            "container "
                + id.shortHex()
                + " was busy for "
                + patience.toSeconds()
                + " s: somebody else changes it");
      }
      boolean current = runs.isCurrent(lock, id);
      taken = current && containers.exists(id.hex());
      if (current && !taken) {
        runs.remove(id);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(
          "interrupted while waiting for the lock of container " + id.shortHex(), e);
    } finally {
      if (!taken) {
        lock.close();
      }
    }
    return taken;
  }

  private static NotFoundException noSuch(ContainerId id) {
    return new NotFoundException("there is no container " + id.shortHex());
  }

  /** The lock of a container or leftover if it is there and free. */
  public Optional<LockFile> tryLock(ContainerId id) {
    boolean made = containers.exists(id.hex());
    if (made) {
      runs.make(id);
    }
    Optional<LockFile> lock = runs.openLock(id, made);
    if (lock.isEmpty()) {
      runs.removeEmpty(id);
    }
    return lock.filter(l -> runs.isTaken(l, id));
  }

  /**
   * Says that this process still reads a container which is removed at its end, until the lock is
   * closed; needs the container's lock.
   */
  public LockFile beginReading(ContainerId id) {
    return runs.beginReading(id);
  }

  /**
   * Says that this process pauses a container for a while, until {@link #endPause} or, where it is
   * killed before, the next engine that opens.
   */
  public LockFile beginPause(ContainerId id) {
    return runs.beginPause(id);
  }

  /** Whether whoever paused it for a while was killed before the end of that. */
  public boolean isPauseLeft(ContainerId id) {
    return runs.isPauseLeft(id);
  }

  /** That pause is over, or is somebody else's now. */
  public void endPause(ContainerId id) {
    runs.endPause(id);
  }

  /** The lock of who runs the checks of a container's health; empty while somebody else does. */
  public Optional<LockFile> tryHealthLock(ContainerId id) {
    return runs.tryHealthLock(id);
  }

  /** What was found of a container's health last; empty if nothing was, or that is damaged. */
  public Optional<RunHealth> health(ContainerId id) {
    return runs.health(id);
  }

  /** Needs the health lock. */
  public void writeHealth(ContainerId id, RunHealth health) {
    runs.writeHealth(id, health);
  }

  /** What the relay has of a container; empty if it does not hold it, or nobody knows. */
  public Optional<LedPorts> ledPorts(ContainerId id) {
    return runs.ledPorts(id);
  }

  /** Needs the container's lock, or that of the router. */
  public void writeLedPorts(ContainerId id, LedPorts ports) {
    runs.writeLedPorts(id, ports);
  }

  /** The relay has nothing of a container any more, or something else. */
  public void forgetLedPorts(ContainerId id) {
    runs.forgetLedPorts(id);
  }

  /** Whether somebody who lives still reads it; needs the container's lock. */
  public boolean isRead(ContainerId id) {
    return runs.isRead(id);
  }

  /** Removes files that were being written when their writer was killed; needs the lock. */
  public void sweep(ContainerId id) {
    try {
      Durable.sweep(layout.container(id));
      Durable.sweep(layout.run(id));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tidy the directories of container " + id.hex(), e);
    }
  }

  /** The names. */
  public ContainerNames names() {
    return names;
  }

  /** Writes a record. */
  public void write(ContainerRecord record) {
    records.write(record);
  }

  /** A container's record; empty if there is no such container. */
  public Optional<ContainerRecord> read(ContainerId id) {
    return records.read(id);
  }

  /** The record as it was read or written last; empty if it was not, or was removed here. */
  public Optional<ContainerRecord> remembered(ContainerId id) {
    return records.remembered(id);
  }

  /** Whether there is a record, be it readable or not. */
  public boolean isRecorded(ContainerId id) {
    return records.isRecorded(id);
  }

  /** Whether its record is where those of containers are that outlive their end. */
  public boolean isKept(ContainerId id) {
    return records.isKept(id);
  }

  /** The ids of all directories, of containers and leftovers. */
  public Set<ContainerId> ids() {
    return records.ids();
  }

  /**
   * Removes name, record and directories, in the order that leaves a leftover rather than half a
   * container; needs the lock, which goes too.
   */
  public void remove(ContainerId id, Optional<String> name, Runnable layer) {
    records.forget(id);
    Trees.remove(containers, id.hex() + "/" + ContainerRecords.FILE);
    runs.remove(id, ContainerRecords.FILE);
    FaultPoints.reached("record removed");
    name.ifPresent(n -> names.free(n, id));
    layer.run();
    FaultPoints.reached("layer removed");
    Trees.remove(containers, id.hex());
    runs.remove(id);
  }

  /**
   * Removes the record alone, so that whatever else there is of the container is a leftover, for
   * the next engine that opens to remove. Possible also when this is closed; needs the lock.
   */
  public void disown(ContainerId id) {
    records.delete(id);
  }

  @Override
  public void close() {
    names.close();
    containers.close();
    runs.close();
  }
}
