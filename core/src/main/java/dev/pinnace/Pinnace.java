package dev.pinnace;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.engine.Engine;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.Info;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.Registries;
import dev.pinnace.spi.volume.VolumeDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An engine over a root directory: images, containers and everything else is reached from here. All
 * state is on disk, so many JVMs may have the same root open at once, and a JVM that is killed
 * loses nothing. Thread-safe.
 *
 * <pre>{@code
 * try (Pinnace pinnace = Pinnace.open()) {
 *   pinnace.images().fromHost("sh", "uname");
 *   RunResult once = pinnace.containers().run(image("localhost/host").command("uname", "-a"));
 * }
 * }</pre>
 */
public interface Pinnace extends AutoCloseable {
  /** Opens the default root with every default of {@link Builder}. */
  static Pinnace open() {
    return builder().open();
  }

  /** Starts to describe an engine. */
  static Builder builder() {
    return new Builder();
  }

  /** Images of this root. */
  Images images();

  /** Containers of this root. */
  Containers containers();

  /** Volumes of this root. */
  Volumes volumes();

  /** Networks of this root. */
  Networks networks();

  /** What this engine is, what this host can do, and what is missing with its fix. */
  Info info();

  /** What takes space on the disk. Walks the files of layers and containers. */
  DiskUsage diskUsage();

  /**
   * Removes containers that do not run, then, if {@code options} say so, anonymous volumes that no
   * container uses, then images that nobody needs, and what cancelled pulls have left.
   *
   * @see Images#prune
   */
  PruneReport prune(PruneOptions options);

  /**
   * Calls {@code consumer} with what happens to containers and images of this root, whichever JVM
   * does it, in the order in which it is told: with what {@code filter} wants of the history, then
   * with what comes, until its end or until the subscription or the engine is closed. What happens
   * after this has returned is seen. One call at a time, on a thread of the engine; a consumer may
   * be slow by as much as the history is long, and misses what goes from it. An exception in it
   * ends the subscription, and comes out of {@link Subscription#await}.
   */
  Subscription onEvent(EventFilter filter, Consumer<? super Event> consumer);

  /**
   * The same for whoever asks for the next one, and waits for it: a stream that is to be closed,
   * for one thread. On a thread that is interrupted it ends by a {@link
   * dev.pinnace.error.CancelledException}, once the engine is closed by an {@link
   * IllegalStateException}.
   *
   * <pre>{@code
   * try (Stream<Event> deaths = pinnace.events(EventFilter.all().action(Action.DIE))) {
   *   deaths.limit(1).forEach(death -> System.out.println(death.name() + " " + death.exitCode()));
   * }
   * }</pre>
   */
  Stream<Event> events(EventFilter filter);

  /** The root directory. */
  Path root();

  /**
   * Stops the {@link dev.pinnace.spec.Lifetime#BOUND} containers that this engine started, all at
   * once, each with its stop signal, then kills them after the shorter of its stop timeout and
   * {@link Builder#closeTimeout}. Leaves all others alone. Returns when they are gone; a container
   * whose supervisor does not answer is not waited for, and ends once it goes on. A thread that is
   * interrupted already closes in the same way, and keeps its flag; an interrupt while it closes
   * ends the waiting. Closing twice does nothing, also while the first close is under way.
   *
   * <p>Calls of other threads that are under way: a start whose program has not begun by now is
   * called off, and nothing of it is left; one that is further on succeeds, and its container is
   * then stopped, or goes on, like the others. A pull or push is cancelled, a run ends with its
   * container. All others have two seconds to end. Whatever is cut short, or comes later, ends by
   * an {@link IllegalStateException} that says that the engine is closed, with what it failed with
   * as its cause; {@link Container#await()} of a container that goes on, and the other waits for
   * one, by a {@link dev.pinnace.error.CancelledException}. What cannot be undone in time is
   * removed by the next engine that opens on this root.
   */
  @Override
  void close();

  /**
   * Describes an engine. Defaults: root {@code /var/lib/pinnace}, for an ordinary user {@code
   * $XDG_DATA_HOME/pinnace} or {@code ~/.local/share/pinnace}; run directory below {@code
   * /run/pinnace}, for an ordinary user {@code $XDG_RUNTIME_DIR/pinnace} or, without that, {@code
   * /tmp/pinnace-UID}; the storage driver that this root has, or the first of overlayfs and vfs
   * that works; isolation by {@code linux}; {@link Registries#DEFAULTS}; two seconds of grace on
   * close. Not thread-safe.
   */
  final class Builder {
    private @Nullable Path root;
    private @Nullable Path runDirectory;
    private @Nullable String storage;
    private @Nullable String isolation;
    private Registries registries = Registries.DEFAULTS;
    private final List<VolumeDriver> volumeDrivers = new ArrayList<>();
    private Duration closeTimeout = Duration.ofSeconds(2);

    private Builder() {}

    /** To the JDK the empty path is the working directory, which nobody means. */
    private static Path absolute(String what, Path path) {
      if (path.toString().isEmpty()) {
        throw new InvalidSpecException(
            "the path of the " + what + " is empty: name a directory, or leave it out");
      }
      return path.toAbsolutePath().normalize();
    }

    /**
     * Where everything is kept; made if it is missing, for its owner alone. Its path holds no
     * backslash, colon or comma: {@link #open} refuses it.
     *
     * @throws InvalidSpecException if the path is empty
     */
    public Builder root(Path path) {
      Objects.requireNonNull(path, "path");
      this.root = absolute("root", path);
      return this;
    }

    /**
     * Where locks and sockets of running containers are; should be in memory.
     *
     * @throws InvalidSpecException if the path is empty
     */
    public Builder runDirectory(Path path) {
      Objects.requireNonNull(path, "path");
      this.runDirectory = absolute("run directory", path);
      return this;
    }

    /**
     * {@code overlayfs} or {@code vfs}. A root keeps the driver that it began with, and {@link
     * #open} refuses another.
     */
    public Builder storage(String driver) {
      Objects.requireNonNull(driver, "driver");
      this.storage = driver;
      return this;
    }

    /**
     * What isolates containers: {@code linux}, or the name of another {@link
     * dev.pinnace.spi.isolation.IsolationBackendProvider} on the class or module path. Default: the
     * one of the highest preference that can run containers on this host. Engines that share a root
     * choose the same: a container belongs to the backend that started it.
     */
    public Builder isolation(String backend) {
      Objects.requireNonNull(backend, "backend");
      this.isolation = backend;
      return this;
    }

    /** Which registries this engine talks to, and how. */
    public Builder registries(Registries choice) {
      Objects.requireNonNull(choice, "choice");
      this.registries = choice;
      return this;
    }

    /**
     * Has volumes of another kind, besides those of the drivers on the class or module path.
     * Engines that share a root have the same.
     */
    public Builder volumeDriver(VolumeDriver driver) {
      Objects.requireNonNull(driver, "driver");
      volumeDrivers.add(driver);
      return this;
    }

    /** The longest that {@link Pinnace#close} waits before it kills. */
    public Builder closeTimeout(Duration timeout) {
      Objects.requireNonNull(timeout, "timeout");
      if (timeout.isNegative()) {
        throw new InvalidSpecException("the close timeout cannot be negative: " + timeout);
      }
      this.closeTimeout = timeout;
      return this;
    }

    /**
     * Opens the engine: makes the root if it is missing, and mends what a killed JVM or supervisor
     * left.
     *
     * @throws dev.pinnace.error.InvalidSpecException if there is no storage driver or isolation
     *     backend of the name that was given, two volume drivers have one name, or the root's path
     *     is none that every storage driver can use
     * @throws dev.pinnace.error.UnsupportedException if this host cannot run containers, with the
     *     reason and the fix
     * @throws dev.pinnace.error.ConflictException if the root began with another storage driver, or
     *     its containers run with another run directory
     * @throws dev.pinnace.error.CorruptException if the root is of a newer Pinnace, or damaged
     */
    public Pinnace open() {
      return Engine.open(
          Optional.ofNullable(root),
          Optional.ofNullable(runDirectory),
          Optional.ofNullable(storage),
          Optional.ofNullable(isolation),
          registries,
          List.copyOf(volumeDrivers),
          closeTimeout);
    }
  }
}
