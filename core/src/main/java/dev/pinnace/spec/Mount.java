package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Something mounted in a container: a directory or file of the host, a volume, or memory.
 * Immutable; made by {@link #bind}, {@link #volume(String)} and {@link #tmpfs}, then {@link #at}.
 *
 * @param kind which
 * @param source the host's path of a bind; of a volume, once a container has it, the directory of
 *     its files, if its driver says one; empty for memory
 * @param target absolute, in the container
 * @param readOnly whether writing is refused (all mounts below it included, where the kernel can)
 * @param options further options of the file system or the mount, such as {@code size=64m} or
 *     {@code noexec}
 * @param volume which volume; empty for others
 * @param noCopy whether an empty volume stays empty, instead of being filled with what the image
 *     has in that place
 * @param subPath what of the source is mounted, relative to it: all of it where this is empty
 * @param bind how a directory of the host is bound, where that is not the usual way
 */
public record Mount(
    Kind kind,
    Optional<Path> source,
    String target,
    boolean readOnly,
    List<String> options,
    Optional<VolumeSpec> volume,
    boolean noCopy,
    Optional<String> subPath,
    Optional<BindOptions> bind) {
  /** What is mounted. */
  public enum Kind {
    BIND,
    VOLUME,
    TMPFS
  }

  public Mount {
    options = List.copyOf(options);
    if (!target.isEmpty()) {
      target = normalise(target);
    }
    bind = bind.filter(bindOptions -> !bindOptions.equals(BindOptions.DEFAULTS));
  }

  private Mount(Kind kind, Optional<Path> source, Optional<VolumeSpec> volume) {
    this(kind, source, "", false, List.of(), volume, false, Optional.empty(), Optional.empty());
  }

  /**
   * A file or directory of the host, which must exist when the container starts. Give it a place
   * with {@link #at}.
   */
  public static Mount bind(Path source) {
    if (!source.isAbsolute()) {
      throw new InvalidSpecException("the source of a bind mount must be absolute: " + source);
    }
    return new Mount(Kind.BIND, Optional.of(source.normalize()), Optional.empty());
  }

  /**
   * The volume of that name, which is made with the container if there is none. Empty, it is filled
   * with what the image has in its place. Give it a place with {@link #at}.
   *
   * @throws InvalidSpecException when that is no {@linkplain VolumeSpec#named name}
   */
  public static Mount volume(String name) {
    return volume(VolumeSpec.named(name));
  }

  /** As {@link #volume(String)}, of a volume that is made like this if there is none. */
  public static Mount volume(VolumeSpec volume) {
    Objects.requireNonNull(volume, "volume");
    return new Mount(Kind.VOLUME, Optional.empty(), Optional.of(volume));
  }

  /**
   * A volume of the container's own, without a name that was chosen. It is filled as others are. It
   * goes with a container that is removed at its end, and with any other if that is asked for.
   */
  public static Mount anonymousVolume() {
    return volume(VolumeSpec.unnamed());
  }

  /**
   * Memory that goes with the container: nosuid, nodev and noexec unless an option says otherwise.
   */
  public static Mount tmpfs() {
    return new Mount(Kind.TMPFS, Optional.empty(), Optional.empty());
  }

  /** The same at {@code newTarget}. */
  public Mount at(String newTarget) {
    Objects.requireNonNull(newTarget, "newTarget");
    return new Mount(kind, source, newTarget, readOnly, options, volume, noCopy, subPath, bind);
  }

  /** The same, read-only. */
  public Mount asReadOnly() {
    return new Mount(kind, source, target, true, options, volume, noCopy, subPath, bind);
  }

  /** The same with further options. A bind takes {@code rslave} for its propagation. */
  public Mount with(String... more) {
    Objects.requireNonNull(more, "more");
    List<String> all = new ArrayList<>(options);
    Optional<Propagation> mode = Optional.empty();
    for (String option : more) {
      Optional<Propagation> said = Propagation.of(option).filter(word -> kind == Kind.BIND);
      if (said.isPresent()) {
        mode = said;
      } else {
        all.add(option);
      }
    }
    Mount same = new Mount(kind, source, target, readOnly, all, volume, noCopy, subPath, bind);
    return mode.map(same::propagation).orElse(same);
  }

  /**
   * The same bind, with mounts that come and go on both sides or on one; on none by default. The
   * source must be on a mount that is shared with others on the host, as usually all are; root is
   * needed to share what the container mounts.
   *
   * @throws InvalidSpecException when it is no bind
   */
  public Mount propagation(Propagation mode) {
    Objects.requireNonNull(mode, "mode");
    BindOptions now = bindOptions("propagation");
    return with(new BindOptions(mode, now.nonRecursive(), now.writableBelow(), now.owner()));
  }

  /** Whether mounts come and go with those of the host; not by default. */
  public Propagation propagation() {
    return bind.orElse(BindOptions.DEFAULTS).propagation();
  }

  /**
   * The same bind, without what is mounted below its source; with it by default.
   *
   * @throws InvalidSpecException when it is no bind
   */
  public Mount nonRecursive() {
    BindOptions now = bindOptions("what is mounted below it");
    return with(new BindOptions(now.propagation(), true, now.writableBelow(), now.owner()));
  }

  /**
   * The same bind, read-only, but not what is mounted below its source; that is read-only too by
   * default.
   *
   * @throws InvalidSpecException when it is no bind
   */
  public Mount asReadOnlyAtTop() {
    BindOptions now = bindOptions("what is mounted below it");
    return with(new BindOptions(now.propagation(), now.nonRecursive(), true, now.owner()))
        .asReadOnly();
  }

  /**
   * The same bind, in which what belongs to that user and group of the host belongs to root in the
   * container, and what root makes there belongs to them on the host. What belongs to root on the
   * host belongs to nobody in the container; others stay who they are. It needs root, or is this
   * user and group, and a file system and kernel that map ids of mounts (Linux 5.12 for ext4 and
   * XFS; mount_setattr(2)); all of this holds for what is mounted below the source too.
   *
   * @throws InvalidSpecException when it is no bind, or for numbers that are none
   */
  public Mount ownedBy(long uid, long gid) {
    BindOptions now = bindOptions("an owner");
    return with(
        new BindOptions(
            now.propagation(),
            now.nonRecursive(),
            now.writableBelow(),
            Optional.of(new Owner(uid, gid))));
  }

  private BindOptions bindOptions(String what) {
    if (kind != Kind.BIND) {
      throw new InvalidSpecException("only a bind has " + what + ", not the " + noun());
    }
    return bind.orElse(BindOptions.DEFAULTS);
  }

  private Mount with(BindOptions newBind) {
    return new Mount(
        kind, source, target, readOnly, options, volume, noCopy, subPath, Optional.of(newBind));
  }

  /**
   * The same memory, which holds at most that much; half of the machine's by default.
   *
   * @throws InvalidSpecException when it is no memory, or for nothing, which the kernel takes for
   *     no limit
   */
  public Mount size(Bytes most) {
    Objects.requireNonNull(most, "most");
    if (most.count() == 0) {
      throw new InvalidSpecException("memory cannot have a size of 0: at least one byte");
    }
    return withMemoryOption("size=" + most.count());
  }

  /**
   * The same memory, whose directory has these permissions, as in {@code 01777}, which is the
   * default.
   *
   * @throws InvalidSpecException when it is no memory, or for anything but 0 to 07777
   */
  public Mount mode(int permissions) {
    if (permissions < 0 || permissions > 07777) {
      throw new InvalidSpecException(
          "the mode of a directory is 0 to 07777, not 0" + Integer.toOctalString(permissions));
    }
    return withMemoryOption("mode=" + Integer.toOctalString(permissions));
  }

  private Mount withMemoryOption(String option) {
    if (kind != Kind.TMPFS) {
      throw new InvalidSpecException("only memory has a " + option + ", not the " + noun());
    }
    return with(option);
  }

  /**
   * The same volume, which is not filled with what the image has in its place.
   *
   * @throws InvalidSpecException when it is no volume
   */
  public Mount withoutCopy() {
    if (kind != Kind.VOLUME) {
      throw new InvalidSpecException("only a volume is filled from the image, not the " + noun());
    }
    return new Mount(kind, source, target, readOnly, options, volume, true, subPath, bind);
  }

  /**
   * What is below {@code path} of the source alone. It must be there when the container starts;
   * links in it lead nowhere outside the source.
   *
   * @throws InvalidSpecException when it is absolute or leads out, or the mount has no source
   */
  public Mount subPath(String path) {
    Objects.requireNonNull(path, "path");
    if (kind == Kind.TMPFS) {
      throw new InvalidSpecException("memory has no sub-path: \"" + path + "\"");
    }
    Path below = path(path, "a sub-path").normalize();
    if (path.isEmpty() || below.isAbsolute() || below.startsWith("..")) {
      throw new InvalidSpecException(
          "a sub-path is relative to the source and stays in it: \"" + path + "\"");
    }
    Optional<String> newSubPath = Optional.of(below.toString()).filter(p -> !p.isEmpty());
    return new Mount(kind, source, target, readOnly, options, volume, noCopy, newSubPath, bind);
  }

  /**
   * The same volume, of which it is known now what it is, with its name, and where its files are.
   *
   * @throws InvalidSpecException when it is no volume
   */
  public Mount found(VolumeSpec known, Path data) {
    Objects.requireNonNull(known, "known");
    Objects.requireNonNull(data, "data");
    if (volume.isEmpty()) {
      throw new InvalidSpecException("the " + noun() + " is no volume");
    }
    Optional<VolumeSpec> called = Optional.of(known);
    return new Mount(
        kind, Optional.of(data), target, readOnly, options, called, noCopy, subPath, bind);
  }

  /**
   * The same in another container that has it too: a volume is not filled.
   *
   * @param withoutWriting whether it is read-only there; it always is where it is that here
   */
  public Mount shared(boolean withoutWriting) {
    List<String> kept =
        withoutWriting ? options.stream().filter(o -> !o.equals("rw")).toList() : options;
    boolean ro = readOnly || withoutWriting;
    boolean unfilled = kind == Kind.VOLUME;
    return new Mount(kind, source, target, ro, kept, volume, unfilled, subPath, bind);
  }

  /** What it is, for messages. */
  String noun() {
    return switch (kind) {
      case BIND -> source.map(path -> "bind of " + path).orElse("bind");
      case VOLUME ->
          volume.flatMap(VolumeSpec::name).map(n -> "volume " + n).orElse("volume without a name");
      case TMPFS -> "memory";
    };
  }

  private static String normalise(String target) {
    if (!target.startsWith("/")) {
      throw new InvalidSpecException(
          "a mount's place in the container must be absolute: \"" + target + "\"");
    }
    String normal = path(target, "a mount's place").normalize().toString();
    if (normal.equals("/")
        || normal.equals("/proc")
        || normal.startsWith("/proc/")
        || normal.equals("/sys")) {
      throw new InvalidSpecException(
          "nothing may be mounted on "
              + normal
              + ": the container's safety depends on what is there");
    }
    return normal;
  }

  private static Path path(String text, String what) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidSpecException(what + " cannot be a path: " + e.getMessage(), e);
    }
  }
}
