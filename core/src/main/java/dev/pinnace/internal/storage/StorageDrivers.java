package dev.pinnace.internal.storage;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.durable.BootId;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;

/**
 * The drivers there are, and the one that an engine root uses. {@code <root>/layers/driver} records
 * the choice, so that layers and containers are found again; the recorded driver is probed once per
 * boot of the host. Thread-safe.
 */
public final class StorageDrivers {
  private static final String LAYERS = "layers";
  private static final String CHOICE = "driver";
  private static final String NAME = "name";
  private static final String BOOT = "boot";
  private static final String LOCK = "open.lock";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<StorageDriverProvider> providers;
  private final UnaryOperator<StorageProbe> judgement;

  private StorageDrivers(
      List<StorageDriverProvider> providers, UnaryOperator<StorageProbe> judgement) {
    this.providers =
        providers.stream()
            .sorted(Comparator.comparingInt(StorageDriverProvider::preference).reversed())
            .toList();
    this.judgement = judgement;
  }

  /** Those that {@code loader} finds, in the order of preference. */
  public static StorageDrivers discover(ClassLoader loader) {
    List<StorageDriverProvider> found = new ArrayList<>();
    ServiceLoader.load(StorageDriverProvider.class, loader).forEach(found::add);
    return of(found);
  }

  /** These. */
  public static StorageDrivers of(List<StorageDriverProvider> providers) {
    return new StorageDrivers(List.copyOf(providers), UnaryOperator.identity());
  }

  /**
   * The same, with the last word on each probe elsewhere: what mounts inside a user namespace only
   * the launcher can try.
   *
   * @param judge takes what the driver found out, gives what counts
   */
  public StorageDrivers judgedBy(UnaryOperator<StorageProbe> judge) {
    return new StorageDrivers(providers, probe -> judge.apply(judgement.apply(probe)));
  }

  /** The names, in the order of preference. */
  public List<String> names() {
    return providers.stream().map(StorageDriverProvider::name).toList();
  }

  /** What each driver can do below {@code root}, in the order of preference. */
  public List<StorageProbe> probe(Path root, StorageOptions options) {
    return providers.stream().map(provider -> probe(provider, root, options)).toList();
  }

  /** The driver that was chosen for {@code root}; empty when none was yet. */
  public Optional<String> recorded(Path root) {
    return choice(root).map(record -> record.get(NAME));
  }

  /**
   * Opens the driver of {@code root}: the recorded one, else the first that works, which is then
   * recorded.
   *
   * @throws UnsupportedException if it cannot work here, with the reason; or if none can
   */
  public StorageDriver open(Path root, StorageOptions options) {
    sweep(root);
    Optional<RecordFile> choice = choice(root);
    if (choice.flatMap(record -> record.find(BOOT)).equals(Optional.of(BootId.current()))) {
      StorageDriverProvider provider = named(choice.get().get(NAME));
      return provider.open(directory(root, provider), options);
    }
    try (LockFile lock = lock(root)) {
      return choose(root, options);
    }
  }

  private StorageDriver choose(Path root, StorageOptions options) {
    Optional<String> recorded = recorded(root);
    if (recorded.isPresent()) {
      StorageDriverProvider provider = named(recorded.get());
      probe(provider, root, options).require();
      record(root, provider.name());
      return provider.open(directory(root, provider), options);
    }
    StringJoiner refusals = new StringJoiner("; ");
    for (StorageDriverProvider provider : providers) {
      StorageProbe probe = probe(provider, root, options);
      if (probe.usable()) {
        record(root, provider.name());
        return provider.open(directory(root, provider), options);
      }
      probe
          .obstacle()
          .ifPresent(missing -> refusals.add(provider.name() + ": " + missing.reason()));
    }
    throw new UnsupportedException(
        "storage below " + root, refusals.toString(), "choose another root directory");
  }

  /**
   * Opens the driver of that name; the choice is recorded.
   *
   * @throws InvalidSpecException if there is no such driver
   * @throws ConflictException if another one is recorded: what it holds would not be found
   * @throws UnsupportedException if it cannot work here, with the reason
   */
  public StorageDriver open(Path root, StorageOptions options, String name) {
    sweep(root);
    StorageDriverProvider provider = named(name);
    try (LockFile lock = lock(root)) {
      return open(root, options, provider);
    }
  }

  private StorageDriver open(Path root, StorageOptions options, StorageDriverProvider provider) {
    String name = provider.name();
    Optional<String> recorded = recorded(root);
    if (recorded.isPresent() && !recorded.get().equals(name)) {
      throw new ConflictException(
          "the root "
              + root
              + " keeps its layers with the storage driver "
              + recorded.get()
              + ", not "
              + name
              + ": name that or none, or choose another root");
    }
    probe(provider, root, options).require();
    record(root, name);
    return provider.open(directory(root, provider), options);
  }

  /**
   * Of two engines that open a new root at once, the second one finds what the first has chosen.
   */
  private static LockFile lock(Path root) {
    return Attempt.to(
        "lock " + root,
        () -> {
          try (Dir dir = Dir.open(root)) {
            LockFile lock = LockFile.open(dir, LOCK);
            return taken(lock, root);
          }
        });
  }

  private static LockFile taken(LockFile lock, Path root) {
    boolean taken = false;
    try {
      taken = lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while opening " + root, interruption);
    } finally {
      if (!taken) {
        lock.close();
      }
    }
    if (!taken) {
      throw new TimedOutException(
          "another JVM was opening " + root + " for " + PATIENCE.toSeconds() + " s");
    }
    return lock;
  }

  private static void sweep(Path root) {
    Path layers = root.resolve(LAYERS);
    try {
      Durable.sweep(layers);
    } catch (IOException failure) {
      throw new PinnaceException("cannot tidy " + layers + ": " + failure, failure);
    }
  }

  private StorageProbe probe(StorageDriverProvider provider, Path root, StorageOptions options) {
    return judgement.apply(provider.probe(directory(root, provider), options));
  }

  private StorageDriverProvider named(String name) {
    return providers.stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "no storage driver \"" + name + "\"; there are " + String.join(", ", names())));
  }

  private static Path directory(Path root, StorageDriverProvider provider) {
    return root.resolve(LAYERS).resolve(provider.name());
  }

  private static Optional<RecordFile> choice(Path root) {
    Path layers = root.resolve(LAYERS);
    if (!Files.isDirectory(layers)) {
      return Optional.empty();
    }
    return Attempt.to(
        "read which storage driver " + root + " uses",
        () -> {
          try (Dir dir = Dir.open(layers)) {
            return Optional.of(RecordFile.read(dir, CHOICE));
          } catch (ErrnoException refusal) {
            if (refusal.is(Errno.ENOENT)) {
              return Optional.<RecordFile>empty();
            }
            throw refusal;
          }
        });
  }

  private static void record(Path root, String name) {
    Path layers = root.resolve(LAYERS);
    try {
      Files.createDirectories(layers);
    } catch (IOException failure) {
      throw new PinnaceException("cannot make " + layers + ": " + failure, failure);
    }
    Attempt.run(
        "record the storage driver of " + root,
        () -> {
          try (Dir dir = Dir.open(layers)) {
            RecordFile.write(dir, CHOICE, Map.of(NAME, name, BOOT, BootId.current()), true);
          }
        });
  }
}
