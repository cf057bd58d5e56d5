package dev.pinnace.internal.state;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Reasons;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.ContainerId;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Every path of an engine's root and run directory.
 *
 * @param root on disk
 * @param run in memory
 * @param key unique to the root on this host
 */
public record RootLayout(Path root, Path run, String key) {
  private static final String FORMAT = "1";
  private static final String SPECIAL = "\\:,";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /**
   * Makes the directories, and refuses a root of a newer format.
   *
   * @throws CorruptException if the root is of a newer Pinnace
   * @throws dev.pinnace.error.ConflictException if its containers run with another run directory
   */
  public static RootLayout open(Optional<Path> givenRoot, Optional<Path> givenRun, int uid) {
    Path root = givenRoot.orElseGet(() -> defaultRoot(uid));
    refuseSpecial(root.toAbsolutePath());
    try {
      PrivateDirectory.makeRoot(root);
      String key = key(root);
      Path run = run(givenRun, uid).resolve(key);
      RootLayout layout = new RootLayout(root.toRealPath(), run, key);
      refuseSpecial(layout.root());
      try (Dir directory = Dir.open(root);
          LockFile lock = LockFile.open(directory, "open.lock")) {
        layout.checkVersion(lock);
        RunBinding.bind(layout.root(), run);
      }
      PrivateDirectory.make(layout.containers(), uid);
      PrivateDirectory.make(layout.names(), uid);
      PrivateDirectory.make(layout.events(), uid);
      PrivateDirectory.make(layout.volumes(), uid);
      PrivateDirectory.make(layout.networks(), uid);
      PrivateDirectory.make(run, uid);
      return layout;
    } catch (IOException e) {
      throw unusable(root, reason(e), e);
    } catch (ErrnoException e) {
      throw unusable(root, String.valueOf(e.getMessage()), e);
    }
  }

  private static PinnaceException unusable(Path root, String reason, Exception cause) {
    return new PinnaceException(
        "cannot open the root "
            + root
            + ": "
            + reason
            + (Reasons.hint(cause).isEmpty()
                ? "; choose another one with Pinnace.builder().root(...), or --root of the command"
                    + " line"
                : Reasons.hint(cause)),
        cause);
  }

  /** What parts and escapes the options of an overlay, and not alike in all kernels. */
  private static void refuseSpecial(Path root) {
    if (root.toString().chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      throw new InvalidSpecException(
          "the path of the root must not hold a backslash, colon or comma, which mean something in"
              + " the options of an overlay: "
              + root);
    }
  }

  /** The JDK says of many failures nothing but the file. */
  private static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "EACCES (Permission denied) at " + failure.getMessage();
    }
    if (failure instanceof NoSuchFileException) {
      return "ENOENT (No such file or directory) at " + failure.getMessage();
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "ENOTDIR (Not a directory) at " + failure.getMessage();
    }
    return String.valueOf(failure.getMessage());
  }

  private static Path defaultRoot(int uid) {
    return uid == 0
        ? Path.of("/var/lib/pinnace")
        : XdgDirectories.named("XDG_DATA_HOME")
            .orElseGet(() -> home().resolve(".local/share"))
            .resolve("pinnace");
  }

  /** As the shell has it; for a user without an entry in /etc/passwd the JVM says "?". */
  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home == null || home.isEmpty() ? System.getProperty("user.home") : home)
        .toAbsolutePath();
  }

  private static Path run(Optional<Path> given, int uid) throws IOException {
    if (given.isPresent()) {
      return given.get();
    }
    Path run = defaultRun(uid);
    PrivateDirectory.make(run, uid);
    return run;
  }

  private static Path defaultRun(int uid) {
    if (uid == 0) {
      return Path.of("/run/pinnace");
    }
    return XdgDirectories.named("XDG_RUNTIME_DIR")
        .map(runtime -> runtime.resolve("pinnace"))
        .orElseGet(() -> Path.of("/tmp", "pinnace-" + uid));
  }

  private static String key(Path root) throws IOException {
    long device = ((Number) Files.getAttribute(root, "unix:dev")).longValue();
    long inode = ((Number) Files.getAttribute(root, "unix:ino")).longValue();
    return String.format("%x-%x", device, inode);
  }

  private void checkVersion(LockFile lock) throws IOException {
    try {
      if (!lock.lock(LockFile.Mode.EXCLUSIVE, PATIENCE)) {
        throw new TimedOutException(
            lock + " was locked for " + PATIENCE.toSeconds() + " s: another JVM opens this root");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while opening " + root, e);
    }
    Durable.sweep(root);
    Path version = root.resolve("VERSION");
    if (Files.exists(version)) {
      String found = Files.readString(version).strip();
      if (found.isEmpty()) {
        throw new CorruptException(
            version
                + " is empty, so that the format of the root is not known: write "
                + FORMAT
                + " into it if this version of Pinnace made it, or use another root");
      }
      if (!found.equals(FORMAT)) {
        throw new CorruptException(
            root
                + " has the format "
                + found
                + ", this Pinnace knows "
                + FORMAT
                + ": use the Pinnace that made it, or another root");
      }
    } else {
      Durable.write(
          version, (FORMAT + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII), true);
    }
  }

  public Path containers() {
    return root.resolve("containers");
  }

  public Path names() {
    return root.resolve("names");
  }

  public Path events() {
    return root.resolve("events");
  }

  public Path volumes() {
    return root.resolve("volumes");
  }

  public Path networks() {
    return root.resolve("networks");
  }

  /** What a container writes is here: its layer, and its files in /etc. */
  public Path container(ContainerId id) {
    return containers().resolve(id.hex());
  }

  /** Lock and socket of a container; record and logs too, if it is removed at its end. */
  public Path run(ContainerId id) {
    return run.resolve(id.hex());
  }
}
