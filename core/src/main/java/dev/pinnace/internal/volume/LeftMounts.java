package dev.pinnace.internal.volume;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.VolumeSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What drivers have mounted for containers that are gone, and could not unmount: a file for each
 * container, with the names of the volumes, one a line. Each engine that opens asks again, and who
 * removes the volume. Thread-safe, also among processes.
 */
public final class LeftMounts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeftMounts.class);
  private static final String LOCK = ".lock";
  private static final int LARGEST = 1 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Dir directory;
  private final VolumeDrivers drivers;
  private final Function<String, Optional<VolumeRecord>> volumes;

  LeftMounts(
      Dir directory, VolumeDrivers drivers, Function<String, Optional<VolumeRecord>> volumes) {
    this.directory = directory;
    this.drivers = drivers;
    this.volumes = volumes;
  }

  /** Remembers what is mounted for a container that is about to be removed. */
  public void add(String user, Collection<String> names) {
    write(user, names);
  }

  private void write(String user, Collection<String> names) {
    byte[] text = (String.join("\n", names) + "\n").getBytes(StandardCharsets.US_ASCII);
    Durable.write(directory, user, text, true);
  }

  /** Forgets a container's: it is about to have volumes mounted again, or has none left. */
  public void forget(String user) {
    if (!directory.exists(user)) {
      return;
    }
    try (LockFile lock = LockFile.open(directory, LOCK)) {
      lock(lock, "volumes of container " + user + " are not mounted or unmounted");
      replace(user, List.of());
    }
  }

  /**
   * Has all unmounted, as far as that goes; another engine may be at it already.
   *
   * @param isThere whether there is such a container, which was not removed after all: whoever
   *     starts or removes it has it unmounted
   */
  void retry(Predicate<String> isThere) {
    if (users().isEmpty()) {
      return;
    }
    try (LockFile lock = LockFile.open(directory, LOCK)) {
      if (lock.tryLock(LockFile.Mode.EXCLUSIVE)) {
        for (String user : users()) {
          if (!isThere.test(user)) {
            retry(user);
          }
        }
      }
    }
  }

  private void retry(String user) {
    List<String> left = new ArrayList<>();
    List<String> names = names(user);
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      try {
        volumes.apply(name).ifPresent(volume -> drivers.unmount(volume.spec(), user));
      } catch (CancelledException interrupted) {
        left.addAll(names.subList(i, names.size()));
        replace(user, left);
        throw interrupted;
      } catch (PinnaceException failure) {
        LOG.warn(
            "volume {} is still mounted for container {}, which is gone: {}",
            name,
            user,
            failure.getMessage());
        LOG.debug("the cause", failure);
        left.add(name);
      }
    }
    replace(user, left);
  }

  /**
   * Has a volume unmounted that is to be removed.
   *
   * @param force whether it is forgotten where its driver fails
   * @throws PinnaceException if its driver fails
   * @throws CancelledException if the thread is interrupted, forced or not
   */
  void end(VolumeSpec volume, boolean force) {
    String name = volume.name().orElseThrow();
    each(
        name,
        user -> {
          try {
            drivers.unmount(volume, user);
          } catch (CancelledException interrupted) {
            throw interrupted;
          } catch (PinnaceException failure) {
            if (!force) {
              throw failure;
            }
            LOG.warn("volume {} goes while it is mounted: {}", name, failure.getMessage());
          }
        });
  }

  /** Forgets a volume that is to be removed, and of which nobody knows whose it is. */
  void abandon(String name) {
    each(
        name,
        user -> LOG.warn("volume {} goes while it may be mounted for container {}", name, user));
  }

  private void each(String name, Consumer<String> ending) {
    List<String> users = users();
    users.removeIf(user -> !names(user).contains(name));
    if (users.isEmpty()) {
      return;
    }
    try (LockFile lock = LockFile.open(directory, LOCK)) {
      lock(lock, "volume " + name + " is not removed");
      for (String user : users) {
        ending.accept(user);
        List<String> left = new ArrayList<>(names(user));
        left.remove(name);
        replace(user, left);
      }
    }
  }

  private static void lock(LockFile lock, String consequence) {
    boolean locked;
    try {
      locked = lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException(
          "interrupted while volumes were being unmounted: " + consequence, e);
    }
    if (!locked) {
      throw new TimedOutException(
          consequence
              + ": another engine has been unmounting volumes for "
              + PATIENCE.toSeconds()
              + " s");
    }
  }

  private List<String> users() {
    List<String> users = new ArrayList<>(directory.list());
    users.removeIf(user -> user.startsWith("."));
    return users;
  }

  private List<String> names(String user) {
    try (Fd file = directory.open(user, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0)) {
      String text = new String(file.readAll(LARGEST), StandardCharsets.US_ASCII);
      return text.lines().filter(VolumeSpec::isName).toList();
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return List.of(); // unmounted meanwhile
      }
      throw refusal;
    }
  }

  private void replace(String user, List<String> left) {
    if (!left.isEmpty()) {
      write(user, left);
    } else if (directory.exists(user)) {
      directory.unlink(user);
    }
  }

  @Override
  public void close() {
    directory.close();
  }
}
