package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a volume is made. Immutable; {@link #named} and {@link #unnamed} start with the defaults.
 *
 * @param name what it is called; the engine chooses one where this is empty
 * @param anonymous whether the name was chosen by the engine
 * @param driver who keeps its files; {@code local} by default
 * @param options for the driver; none by default
 * @param labels none by default
 */
public record VolumeSpec(
    Optional<String> name,
    boolean anonymous,
    String driver,
    Map<String, String> options,
    Map<String, String> labels) {
  /** The driver of volumes that are directories of the engine's root. */
  public static final String LOCAL = "local";

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final int LONGEST = 255;

  public VolumeSpec {
    name.ifPresent(VolumeSpec::check);
    if (driver.isEmpty()) {
      throw new InvalidSpecException("the driver of a volume has a name: local is the usual one");
    }
    noNuls("an option", options);
    noNuls("a label", labels);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /**
   * A volume of that name: two letters, digits, dots, hyphens and underscores or more, of which the
   * first is a letter or digit; 255 at most.
   *
   * @throws InvalidSpecException when the name is none
   */
  public static VolumeSpec named(String name) {
    Objects.requireNonNull(name, "name");
    return new VolumeSpec(Optional.of(name), false, LOCAL, Map.of(), Map.of());
  }

  /** A volume whose name the engine chooses: 64 hexadecimal digits. */
  public static VolumeSpec unnamed() {
    return new VolumeSpec(Optional.empty(), true, LOCAL, Map.of(), Map.of());
  }

  /** The same with the name that the engine has chosen. */
  public VolumeSpec called(String chosen) {
    Objects.requireNonNull(chosen, "chosen");
    return new VolumeSpec(Optional.of(chosen), anonymous, driver, options, labels);
  }

  public VolumeSpec withDriver(String newDriver) {
    Objects.requireNonNull(newDriver, "newDriver");
    return new VolumeSpec(name, anonymous, newDriver, options, labels);
  }

  /** With one more option for the driver. */
  public VolumeSpec withOption(String key, String value) {
    return new VolumeSpec(name, anonymous, driver, with(options, key, value), labels);
  }

  /**
   * The same, whose files take at most that much, which the kernel enforces by a project quota: the
   * engine's root is on an ext4 with {@code prjquota} or an XFS with {@code pquota}, and root is
   * needed. What the image or a tar fills it with counts, and is not refused. A container with
   * CAP_SYS_RESOURCE on the host may write beyond it. Without a limit by default. It is the option
   * {@code size} of the driver local.
   *
   * @throws InvalidSpecException for nothing
   */
  public VolumeSpec withSize(Bytes most) {
    Objects.requireNonNull(most, "most");
    if (most.count() == 0) {
      throw new InvalidSpecException("a volume cannot have a size of 0: at least one byte");
    }
    return withOption("size", Long.toString(most.count()));
  }

  /** With one more label. */
  public VolumeSpec withLabel(String key, String value) {
    return new VolumeSpec(name, anonymous, driver, options, with(labels, key, value));
  }

  /** Whether a volume can be called that. */
  public static boolean isName(String text) {
    Objects.requireNonNull(text, "text");
    return NAME.matcher(text).matches() && text.length() <= LONGEST;
  }

  private static Map<String, String> with(Map<String, String> known, String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    Map<String, String> all = new LinkedHashMap<>(known);
    all.put(key, value);
    return all;
  }

  private static void noNuls(String what, Map<String, String> texts) {
    texts.forEach((key, value) -> Checks.noNul(what + " of a volume", key + value));
  }

  private static void check(String name) {
    if (!isName(name)) {
      throw new InvalidSpecException(
          "\""
              + (name.length() > LONGEST ? name.substring(0, LONGEST) + "..." : name)
              + "\" cannot be the name of a volume: it has 2 to "
              + LONGEST
              + " letters, digits, dots, hyphens and underscores, of which the first is a letter or"
              + " digit; write a path of the host with a slash, as in ./data");
    }
  }
}
