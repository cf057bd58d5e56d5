package dev.pinnace.internal.isolation.linux.cgroup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Mounts;
import dev.pinnace.spi.isolation.ContainerPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cgroups that containers want to lie in, instead of the engine's own directory. Which one it is, a
 * file in the container's run directory says from before it is made until the container is removed.
 * What Pinnace makes outside of the engine's directory bears an attribute, by which it is known to
 * be removed once it is empty. Thread-safe, also among processes: whoever starts a container holds
 * the directory by one in it.
 */
final class CgroupParents {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupParents.class);
  private static final String FILE = "cgroup";
  private static final String HOLD = "start-";
  private static final String MADE = "user.pinnace";
  private static final int ATTEMPTS = 50;

  private final CgroupPlace place;

  CgroupParents(CgroupPlace place) {
    this.place = place;
  }

  /** The directory of {@code parent}, absolute or below the engine's. */
  private Path directory(String parent) {
    return parent.startsWith("/")
        ? place.mount().resolve(parent.substring(1)).normalize()
        : place.base().resolve(parent);
  }

  /**
   * Refuses what cannot be, without making anything.
   *
   * @param path of the container's cgroup
   */
  void check(String path) {
    Path directory = directory(path).resolveSibling("");
    if (path.startsWith("/")) {
      if (!directory.startsWith(place.top())) {
        throw new UnsupportedException(
            "the cgroup parent " + shown(directory),
            "this user may make cgroups below " + shown(place.top()) + " alone",
            "choose one there, or one that does not begin with /, or run the JVM as root");
      }
      if (directory.startsWith(place.pinnace())) {
        throw new InvalidSpecException(
            "the cgroup parent "
                + shown(directory)
                + " is one of Pinnace's own: for one below the engine's, leave out the / it begins"
                + " with");
      }
    }
    Mounts.list().stream()
        .map(mount -> Path.of(mount.target()))
        .filter(target -> !target.equals(place.mount()) && target.startsWith(place.mount()))
        .filter(directory::startsWith)
        .findFirst()
        .ifPresent(
            target -> {
              throw new InvalidSpecException(
                  "the cgroup parent "
                      + shown(directory)
                      + " leads out of cgroup v2: something else is mounted on "
                      + target);
            });
    for (Path above = directory;
        above.startsWith(place.mount());
        above = above.resolveSibling("")) {
      if (Files.exists(above) && !Files.isDirectory(above)) {
        throw new InvalidSpecException(
            "the cgroup parent " + shown(directory) + ": " + shown(above) + " is a file");
      }
      requireDomain(above);
    }
  }

  /** In a threaded cgroup there are no processes by themselves (cgroup-v2, <i>Threads</i>). */
  private void requireDomain(Path group) {
    Path type = group.resolve("cgroup.type");
    try {
      if (Files.exists(type) && !Files.readString(type).startsWith("domain\n")) {
        throw new UnsupportedException(
            "the cgroup parent " + shown(group),
            "it is threaded, and takes in threads of the processes above it alone",
            "choose another");
      }
    } catch (NoSuchFileException gone) {
      LOG.debug("{} is gone", group);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + type, e);
    }
  }

  /** As the hierarchy calls it. */
  private String shown(Path directory) {
    return Path.of("/").resolve(place.mount().relativize(directory)).toString();
  }

  /** A directory that stays while this is open. */
  record Held(Path directory, Path hold) implements CgroupTree.Parent {
    @Override
    public void close() {
      try {
        CgroupRemoval.removeIfEmpty(hold);
      } catch (IOException e) {
        LOG.warn("cannot remove {}: {}", hold, CgroupErrors.reason(e));
      }
    }
  }

  /**
   * Makes what is missing of where {@code path} is to be, and notes it.
   *
   * @param needed controllers without which its limits cannot be set
   * @throws UnsupportedException if one of them is not handed down to there, or this process may
   *     not
   */
  Held make(ContainerPlace container, String path, Set<String> needed) {
    check(path);
    Path directory = directory(path).resolveSibling("");
    try {
      Durable.write(
          container.runDirectory().resolve(FILE), shown(directory).getBytes(UTF_8), false);
      return make(directory, directory.resolve(HOLD + container.id()), needed);
    } catch (IOException e) {
      tidy(container);
      throw new UnsupportedException(
          "the cgroup parent " + shown(directory),
          CgroupErrors.reason(e),
          "choose one in which this process may make cgroups");
    } catch (RuntimeException e) {
      tidy(container);
      throw e;
    }
  }

  private Held make(Path directory, Path hold, Set<String> needed) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        makeDirectories(directory);
        makeDirectory(hold);
        break;
      } catch (NoSuchFileException removed) {
        if (attempt == ATTEMPTS) {
          throw removed;
        }
      }
    }
    Held held = new Held(directory, hold);
    boolean kept = false;
    try {
      handDown(directory, needed);
      kept = true;
      return held;
    } finally {
      if (!kept) {
        held.close();
      }
    }
  }

  private void makeDirectories(Path directory) throws IOException {
    Path made = place.mount();
    for (Path name : place.mount().relativize(directory)) {
      made = made.resolve(name);
      if (!Files.isDirectory(made) && !name.toString().isEmpty() && makeDirectory(made)) {
        mark(made);
      }
    }
  }

  /** Whether it was not there. */
  private static boolean makeDirectory(Path directory) throws IOException {
    try {
      Files.createDirectory(directory);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (Files.isDirectory(directory)) {
        return false;
      }
      throw e;
    }
  }

  private static void mark(Path directory) throws IOException {
    try (Dir above = Dir.open(directory.resolveSibling(""))) {
      above.setXattr(directory.getFileName().toString(), MADE, new byte[] {'1'});
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        throw new NoSuchFileException(directory.toString());
      }
      throw refusal;
    }
  }

  private void handDown(Path directory, Set<String> needed) throws IOException {
    Path from = directory.startsWith(place.base()) ? place.base() : place.top();
    Map<String, String> refusals = new HashMap<>();
    CgroupPlace.delegate(from, refusals);
    Path group = from;
    for (Path name : from.relativize(directory)) {
      group = name.toString().isEmpty() ? group : group.resolve(name);
      CgroupPlace.delegate(group, refusals);
    }
    Set<String> missing = new TreeSet<>(needed);
    missing.removeAll(CgroupPlace.words(directory.resolve("cgroup.subtree_control")));
    for (String controller : missing) {
      throw new UnsupportedException(
          "a limit by the controller "
              + controller
              + " below the cgroup parent "
              + shown(directory),
          refusals.getOrDefault(controller, "it is not handed down to there"),
          "choose another parent, or leave the limit out");
    }
  }

  /** Where that container's cgroup is; empty where it is in the engine's own directory. */
  Optional<Path> of(ContainerPlace container) {
    Path file = container.runDirectory().resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(directory(Files.readString(file)).resolve(container.id()));
    } catch (NoSuchFileException removed) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read where the cgroup of " + container.id() + " is", e);
    }
  }

  /** Removes what a start may have left, whose process was killed. */
  void letGo(ContainerPlace container) {
    of(container)
        .map(group -> group.resolveSibling(HOLD + container.id()))
        .filter(Files::isDirectory)
        .ifPresent(hold -> new Held(hold.resolveSibling(""), hold).close());
  }

  /** Removes what is empty of what was made for that container. */
  void tidy(ContainerPlace container) {
    Optional<Path> group = of(container);
    if (group.isEmpty()) {
      return;
    }
    Path directory = group.get().resolveSibling("");
    try {
      while (isOurs(directory) && CgroupRemoval.removeIfEmpty(directory)) {
        directory = directory.resolveSibling("");
      }
    } catch (IOException | ErrnoException e) {
      LOG.warn("cannot remove the cgroup {}: {}", directory, e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  private boolean isOurs(Path directory) {
    if (directory.startsWith(place.base())) {
      return !directory.equals(place.base());
    }
    if (!directory.startsWith(place.mount()) || directory.equals(place.mount())) {
      return false;
    }
    if (!Files.isDirectory(directory)) {
      return true; // whatever is above it may be ours, too
    }
    try (Dir above = Dir.open(directory.resolveSibling(""))) {
      return above.getXattr(directory.getFileName().toString(), MADE) != null;
    } catch (ErrnoException gone) {
      if (gone.is(Errno.ENOENT)) {
        return true;
      }
      throw gone;
    }
  }
}
