package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the value of {@code -v}: {@code [SOURCE:]DIR[:OPTIONS]}. */
final class VolumeFlag {
  /** What says how soon writes are seen on a Mac, and nothing here. */
  static final Set<String> CONSISTENCY = Set.of("consistent", "cached", "delegated");

  private static final Set<String> LABELS = Set.of("z", "Z");

  /** Of each at most one word can be given. */
  private static final List<Set<String>> MODES =
      List.of(
          Set.of("ro", "rw"),
          LABELS,
          Arrays.stream(Propagation.values())
              .map(Propagation::word)
              .collect(Collectors.toUnmodifiableSet()),
          Set.of("nocopy"),
          CONSISTENCY);

  private final FlagValue value;
  private final List<String> parts;
  private final String driver;

  private VolumeFlag(FlagValue value, String driver) {
    this.value = value;
    this.driver = driver;
    this.parts = List.of(value.text().split(":", -1));
  }

  /**
   * @param make whether a directory of the host that is missing is made, as Docker does
   */
  static Mount parse(String text, boolean make) {
    return parse(text, make, VolumeSpec.LOCAL);
  }

  /**
   * The same.
   *
   * @param driver of volumes that are made
   */
  static Mount parse(String text, boolean make, String driver) {
    return new VolumeFlag(new FlagValue("-v", text), driver).mount(make);
  }

  private Mount mount(boolean make) {
    if (parts.contains("")) {
      throw value.wrong("there is an empty section: write [SOURCE:]DIR[:OPTIONS]");
    }
    if (parts.size() > 3) {
      throw value.wrong("there are too many colons: write [SOURCE:]DIR[:OPTIONS]");
    }
    if (parts.size() == 1) {
      return Mount.volume(VolumeSpec.unnamed().withDriver(driver)).at(parts.get(0));
    }
    if (parts.size() == 2 && isMode(parts.get(1))) {
      throw value.wrong("options come third: write SOURCE:DIR:" + parts.get(1));
    }
    List<String> options = parts.size() < 3 ? List.of() : List.of(parts.get(2).split(",", -1));
    options.forEach(this::refuseUnknown);
    MODES.forEach(words -> refuseSecond(options, words));
    Mount mount = isPath(parts.get(0)) ? bind(options, make) : volume(options);
    if (options.stream().anyMatch(LABELS::contains)) {
      refuseLabel();
    }
    return (options.contains("ro") ? mount.asReadOnly() : mount).at(parts.get(1));
  }

  private static boolean isMode(String text) {
    return Arrays.stream(text.split(",", -1))
        .allMatch(word -> MODES.stream().anyMatch(words -> words.contains(word)));
  }

  private static boolean isPath(String source) {
    return source.startsWith("/") || source.startsWith(".") || source.startsWith("~");
  }

  private void refuseUnknown(String option) {
    if (!isMode(option)) {
      throw value.wrong(
          "there is no option \""
              + option
              + "\": there are ro, rw, nocopy, z, Z, private, rprivate, slave, rslave, shared,"
              + " rshared, consistent, cached and delegated");
    }
  }

  private void refuseSecond(List<String> options, Set<String> exclusive) {
    List<String> given = options.stream().filter(exclusive::contains).toList();
    if (given.size() > 1) {
      throw value.wrong(
          "invalid mode "
              + parts.get(2)
              + ": at most one of "
              + exclusive.stream().sorted().collect(Collectors.joining(", ")));
    }
  }

  private Mount bind(List<String> options, boolean make) {
    if (options.contains("nocopy")) {
      throw value.wrong("nocopy is for volumes: nothing is copied to a path of the host");
    }
    if (parts.get(0).startsWith("~")) {
      throw value.wrong("the shell did not replace the ~: write the path, or \"$HOME\"");
    }
    Path source = path(value, parts.get(0));
    if (make) {
      make(value, source);
    }
    Mount mount = Mount.bind(source);
    for (String option : options) {
      mount = Propagation.of(option).map(mount::propagation).orElse(mount);
    }
    return mount;
  }

  private Mount volume(List<String> options) {
    options.stream()
        .filter(option -> Propagation.of(option).isPresent())
        .findFirst()
        .ifPresent(
            option -> {
              throw value.wrong(option + " is for paths of the host, and this is a volume");
            });
    Mount mount = Mount.volume(named(value, parts.get(0)).withDriver(driver));
    return options.contains("nocopy") ? mount.withoutCopy() : mount;
  }

  /** Where there is no SELinux a label means nothing, to Docker neither. */
  private void refuseLabel() {
    if (Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
      throw value.wrong("SELinux labels come with a later version: leave z and Z out");
    }
  }

  /** A path of the host; a relative one is relative to the working directory. */
  static Path path(FlagValue value, String source) {
    try {
      return Path.of(source).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw value.wrong("the source cannot be a path: " + e.getMessage(), e);
    }
  }

  static void make(FlagValue value, Path source) {
    if (Files.exists(source)) {
      return;
    }
    try {
      Files.createDirectories(source);
    } catch (IOException e) {
      throw value.wrong("cannot make " + source + ": " + Failures.reason(e), e);
    }
  }

  static VolumeSpec named(FlagValue value, String name) {
    try {
      return VolumeSpec.named(name);
    } catch (InvalidSpecException e) {
      throw value.wrong(String.valueOf(e.getMessage()), e);
    }
  }
}
