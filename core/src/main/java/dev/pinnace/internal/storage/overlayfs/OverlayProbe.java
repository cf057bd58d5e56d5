package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.storage.ProbeDirectory;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.DirEntry;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.file.FileSystemInfo;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import dev.pinnace.spi.storage.StorageProbe.Feature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tries overlay in a directory: makes two layers, mounts them detached, writes and deletes through
 * the mount, and looks at what arrived below. Stops at the first thing that cannot be done without.
 */
final class OverlayProbe {
  private static final String OTHER_FILE_SYSTEM =
      "put the root directory on ext4, xfs with ftype=1, btrfs or tmpfs, or choose vfs";
  private static final String LOWER = "lower";
  private static final String TOP = "top";

  private final Path directory;
  private final StorageOptions options;
  private final List<Feature> features = new ArrayList<>();

  OverlayProbe(Path directory, StorageOptions options) {
    this.directory = directory;
    this.options = options;
  }

  StorageProbe run() {
    try (ProbeDirectory place = ProbeDirectory.make(directory)) {
      if (mayMount() && namesTypes(place) && marks(place)) {
        mounts(place);
      }
    } catch (PinnaceException | ErrnoException failure) {
      features.add(
          Feature.missing(
              "directory",
              String.valueOf(failure.getMessage()),
              "choose a root directory that this user may write"));
    }
    return new StorageProbe(OverlayProvider.NAME, features);
  }

  private boolean mayMount() {
    try {
      FileSystemContext.open("overlay").close();
      features.add(Feature.works("overlay"));
      return true;
    } catch (ErrnoException refusal) {
      String fix =
          switch (refusal.errno()) {
            case Errno.EPERM ->
                "run as root with CAP_SYS_ADMIN; without root, overlay works inside a user"
                    + " namespace only, which the launcher's own probe tells";
            case Errno.ENODEV -> "load the kernel module: modprobe overlay";
            case Errno.ENOSYS -> "use Linux 5.11 or later";
            default -> "choose vfs";
          };
      features.add(Feature.missing("overlay", message(refusal), fix));
      return false;
    }
  }

  /** Overlay needs the types of names in directories: xfs made with ftype=0 has none. */
  private boolean namesTypes(ProbeDirectory place) {
    place.dir().mkdir("typed", 0700);
    boolean typed =
        place.dir().entries().stream().map(DirEntry::type).allMatch(FileType.DIRECTORY::equals);
    features.add(
        typed
            ? Feature.works("d_type")
            : Feature.missing(
                "d_type",
                fileSystem(place) + " does not say the type of a name in a directory (d_type)",
                OTHER_FILE_SYSTEM));
    return typed;
  }

  /** Makes two layers; the upper one deletes a file and hides a directory of the lower one. */
  private boolean marks(ProbeDirectory place) {
    Dir dir = place.dir();
    for (String name : List.of(LOWER, LOWER + "/hidden", TOP, TOP + "/hidden")) {
      dir.mkdir(name, 0755);
    }
    write(dir, LOWER + "/kept");
    write(dir, LOWER + "/deleted");
    write(dir, LOWER + "/hidden/below");
    try {
      dir.mknod(TOP + "/deleted", FileType.CHARACTER_DEVICE.bits(), 0, 0);
      dir.setXattr(TOP + "/hidden", attribute(), "y".getBytes(StandardCharsets.US_ASCII));
      features.add(Feature.works("whiteouts"));
      return true;
    } catch (ErrnoException refusal) {
      String fix = refusal.is(Errno.EPERM) ? "run as root, or choose vfs" : OTHER_FILE_SYSTEM;
      features.add(
          Feature.missing("whiteouts", "on " + fileSystem(place) + ": " + message(refusal), fix));
      return false;
    }
  }

  private String attribute() {
    return options.userNamespace() ? "user.overlay.opaque" : "trusted.overlay.opaque";
  }

  private void mounts(ProbeDirectory place) {
    place.dir().symlink("../" + TOP, "a");
    place.dir().symlink("../" + LOWER, "b");
    place.dir().mkdir(ShortLinks.DIRECTORY, 0700);
    place.dir().rename("a", ShortLinks.DIRECTORY + "/a");
    place.dir().rename("b", ShortLinks.DIRECTORY + "/b");
    OverlayMounter.Layers plain = layers(place, "plain", false, options.userNamespace());
    ErrnoException appending = null;
    try {
      try (DetachedMount mount = OverlayMounter.appending(plain)) {
        features.add(Feature.works("lowerdir+"));
        through(place, mount, "plain");
      }
    } catch (ErrnoException refusal) {
      appending = refusal;
    }
    if (appending != null && !joined(place, plain, appending)) {
      return;
    }
    if (features.stream().allMatch(feature -> feature.available() || !feature.required())) {
      option(place, "volatile", true, options.userNamespace());
      option(place, "userxattr", false, true);
    }
  }

  private boolean joined(
      ProbeDirectory place, OverlayMounter.Layers plain, ErrnoException appending) {
    try (DetachedMount mount = OverlayMounter.joined(plain, appending)) {
      features.add(
          Feature.absent(
              "lowerdir+",
              message(appending),
              "lower layers are given to mount(2) by short names instead; Linux 6.8 brings it"));
      through(place, mount, "plain");
      return true;
    } catch (ErrnoException refusal) {
      features.add(
          Feature.missing(
              "upper", "on " + fileSystem(place) + ": " + message(refusal), OTHER_FILE_SYSTEM));
      return false;
    }
  }

  /** What a container would see and do. */
  private void through(ProbeDirectory place, DetachedMount mount, String name) {
    String wrong;
    try (Dir root = mount.root()) {
      if (root.exists("deleted") || root.exists("hidden/below") || !root.exists("kept")) {
        wrong = "deletion marks of a layer are not honoured";
      } else {
        write(root, "new");
        root.unlink("kept");
        Dir upper = place.dir();
        wrong =
            upper.exists(name + "/upper/new") && upper.stat(name + "/upper/kept").isWhiteout()
                ? ""
                : "what is written through the mount does not arrive in the upper directory";
      }
    } catch (ErrnoException refusal) {
      wrong = message(refusal);
    }
    features.add(
        wrong.isEmpty()
            ? Feature.works("upper")
            : Feature.missing(
                "upper", "on " + fileSystem(place) + ": " + wrong, OTHER_FILE_SYSTEM));
  }

  private void option(ProbeDirectory place, String name, boolean isVolatile, boolean userXattr) {
    OverlayMounter.Layers layers = layers(place, name, isVolatile, userXattr);
    try {
      OverlayMounter.mount(layers).close();
      features.add(Feature.works(name));
    } catch (ErrnoException | UnsupportedException refusal) {
      String fix = name.equals("volatile") ? "Linux 5.10 brings it" : "Linux 5.11 brings it";
      features.add(
          name.equals("userxattr") && options.userNamespace()
              ? Feature.missing(name, message(refusal), fix)
              : Feature.absent(name, message(refusal), fix));
    }
  }

  private static OverlayMounter.Layers layers(
      ProbeDirectory place, String name, boolean isVolatile, boolean userXattr) {
    place.dir().mkdir(name, 0700);
    place.dir().mkdir(name + "/upper", 0755);
    place.dir().mkdir(name + "/work", 0700);
    return OverlayMounter.Layers.of(
        new RootMount.Overlay(
            List.of(place.path(TOP), place.path(LOWER)),
            place.path(ShortLinks.DIRECTORY),
            List.of("a", "b"),
            place.path(name + "/upper"),
            place.path(name + "/work"),
            isVolatile,
            userXattr));
  }

  private static void write(Dir dir, String name) {
    try (Fd file = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_EXCL, 0600)) {
      file.write("probe".getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String fileSystem(ProbeDirectory place) {
    return FileSystemInfo.of(place.dir()).name();
  }

  private static String message(RuntimeException refusal) {
    return String.valueOf(refusal.getMessage());
  }
}
