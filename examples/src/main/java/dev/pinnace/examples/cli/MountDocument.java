package dev.pinnace.examples.cli;

import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A mount as {@code docker inspect} prints it. */
final class MountDocument {
  private MountDocument() {}

  /** A member of {@code Mounts}. */
  static Map<String, Object> of(Mount mount) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Type", mount.kind().name().toLowerCase(Locale.ROOT));
    mount.volume().flatMap(VolumeSpec::name).ifPresent(name -> result.put("Name", name));
    result.put("Source", mount.source().map(Object::toString).orElse(""));
    result.put("Destination", mount.target());
    mount.volume().map(VolumeSpec::driver).ifPresent(driver -> result.put("Driver", driver));
    result.put("Mode", mode(mount));
    result.put("RW", !mount.readOnly());
    result.put("Propagation", mount.kind() == Mount.Kind.BIND ? mount.propagation().word() : "");
    return result;
  }

  /** A member of {@code Binds}, as {@code -v} takes it: of a path of the host, or a volume. */
  static String bind(Mount mount) {
    String source =
        mount.volume().isPresent()
            ? mount.volume().flatMap(VolumeSpec::name).orElse("")
            : mount.source().map(Object::toString).orElse("");
    String mode = mode(mount);
    return (source.isEmpty() ? "" : source + ":")
        + mount.target()
        + (mode.isEmpty() ? "" : ":" + mode);
  }

  /** What {@code -v} and {@code --tmpfs} take as the last part. */
  static String mode(Mount mount) {
    List<String> words = new ArrayList<>();
    if (mount.readOnly()) {
      words.add("ro");
    }
    if (mount.propagation() != Propagation.RPRIVATE) {
      words.add(mount.propagation().word());
    }
    if (mount.noCopy()) {
      words.add("nocopy");
    }
    words.addAll(mount.options());
    return String.join(",", words);
  }
}
