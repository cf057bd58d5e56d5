package dev.pinnace.internal.volume;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the options of a volume of the driver local come to, which are those of Docker's: without
 * {@code type} and {@code device} it is a directory of the engine's root.
 *
 * @param name of the volume
 * @param type of the file system; empty for a directory
 * @param device what mount(2) calls the source; empty for a directory
 * @param words the options of {@code o}
 * @param size of a directory, in bytes at most; unlimited if empty
 */
public record LocalVolume(
    String name, String type, String device, List<String> words, Optional<Bytes> size) {
  private static final String TYPE = "type";
  private static final String DEVICE = "device";
  private static final String OPTIONS = "o";
  private static final String SIZE = "size";
  private static final Set<String> KNOWN = Set.of(TYPE, DEVICE, OPTIONS, SIZE);
  private static final Set<String> BINDS = Set.of("bind", "rbind");
  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs");
  private static final List<Set<String>> CONTRADICTIONS =
      List.of(
          Set.of("ro", "rw"),
          Set.of("exec", "noexec"),
          Set.of("suid", "nosuid"),
          Set.of("dev", "nodev"),
          Set.of("bind", "rbind"));

  /** What mount(8) does itself, or what is not the volume's to say. */
  private static final Set<String> ELSEWHERE =
      Set.of("remount", "move", "loop", "auto", "noauto", "user", "nofail", "_netdev");

  /**
   * Reads them.
   *
   * @throws InvalidSpecException for one that is unknown, or that goes not with another
   */
  public static LocalVolume of(VolumeSpec spec) {
    String name = spec.name().orElse("without a name");
    Map<String, String> options = spec.options();
    for (String key : options.keySet()) {
      if (!KNOWN.contains(key)) {
        throw refused(
            name,
            "the driver local does not know the option " + key,
            "it has type, device, o and size");
      }
    }
    boolean mounted = options.containsKey(TYPE);
    if (!mounted && (options.containsKey(DEVICE) || options.containsKey(OPTIONS))) {
      throw refused(
          name,
          "the option type is missing",
          "give type, device and o together: type=tmpfs,device=tmpfs,o=size=100m");
    }
    if (mounted && !options.containsKey(DEVICE)) {
      throw refused(name, "the option device is missing", "type has a device, as tmpfs has tmpfs");
    }
    if (mounted && options.containsKey(SIZE)) {
      throw refused(
          name,
          "the option size limits a directory of the engine's root, and type says that it is none",
          "leave one out; a tmpfs has its size in o");
    }
    LocalVolume volume =
        new LocalVolume(
            name,
            options.getOrDefault(TYPE, ""),
            options.getOrDefault(DEVICE, ""),
            words(options.getOrDefault(OPTIONS, "")),
            Optional.ofNullable(options.get(SIZE)).map(text -> size(name, text)));
    if (mounted) {
      volume.check();
    }
    return volume;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>(List.of(text.split(",")));
    words.removeIf(String::isEmpty);
    return words;
  }

  private static Bytes size(String name, String text) {
    Bytes size;
    try {
      size = Bytes.parse(text);
    } catch (InvalidSpecException e) {
      throw refused(name, "the option size=" + text + " is none: " + e.getMessage(), "write 1G");
    }
    if (size.count() == 0) {
      throw refused(name, "the option size is 0", "leave it out for no limit");
    }
    return size;
  }

  private void check() {
    for (Set<String> pair : CONTRADICTIONS) {
      List<String> both = words.stream().filter(pair::contains).distinct().toList();
      if (both.size() > 1) {
        throw refused(name, "the option o has both " + String.join(" and ", both), "leave one out");
      }
    }
    for (String word : words) {
      if (ELSEWHERE.contains(word) || word.startsWith("x-")) {
        throw refused(
            name, "the option o=" + word + " means nothing to the kernel", "leave it out");
      }
    }
    if (isBind()) {
      if (!device.startsWith("/")) {
        throw refused(name, "the device " + device + " is not absolute", "a bind has a path there");
      }
      return;
    }
    if (type.isEmpty() || type.equals("none") || type.equals("bind")) {
      throw refused(
          name, "the type \"" + type + "\" is no file system", "a bind says o=bind or o=rbind");
    }
    if (device.isEmpty() && !isMemory()) {
      throw refused(name, "the device is empty", "name what is to be mounted");
    }
  }

  private static InvalidSpecException refused(String name, String what, String fix) {
    return new InvalidSpecException("volume " + name + " cannot be: " + what + "; " + fix);
  }

  /** Whether its files are in the engine's root. */
  public boolean isDirectory() {
    return type.isEmpty() && device.isEmpty();
  }

  /** Whether it is a directory elsewhere on the host. */
  public boolean isBind() {
    return !isDirectory() && words.stream().anyMatch(BINDS::contains);
  }

  /** Whether its files go with the last mount. */
  public boolean isMemory() {
    return !isBind() && MEMORY.contains(type);
  }
}
