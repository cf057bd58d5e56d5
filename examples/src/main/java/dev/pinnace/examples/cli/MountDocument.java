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

  /** Whether {@code -v} and {@code --tmpfs} have no words for what it is. */
  static boolean isMoreThanABind(Mount mount) {
    return mount.subPath().isPresent()
        || mount
            .bind()
            .filter(how -> how.nonRecursive() || how.writableBelow() || how.owner().isPresent())
            .isPresent()
        || mount
            .volume()
            .filter(
                volume ->
                    !volume.labels().isEmpty()
                        || !volume.options().isEmpty()
                        || !volume.driver().equals(VolumeSpec.LOCAL))
            .isPresent();
  }

  /** A member of {@code HostConfig.Mounts}, as {@code --mount} says it. */
  static Map<String, Object> wanted(Mount mount) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Type", mount.kind().name().toLowerCase(Locale.ROOT));
    String source =
        mount.volume().isPresent()
            ? mount.volume().flatMap(VolumeSpec::name).orElse("")
            : mount.source().map(Object::toString).orElse("");
    if (!source.isEmpty()) {
      result.put("Source", source);
    }
    result.put("Target", mount.target());
    if (mount.readOnly()) {
      result.put("ReadOnly", true);
    }
    if (mount.kind() == Mount.Kind.BIND) {
      result.put("BindOptions", bindOptions(mount));
    }
    mount.volume().ifPresent(volume -> result.put("VolumeOptions", volumeOptions(mount, volume)));
    return result;
  }

  /** Docker has neither an owner nor a sub-path there. */
  private static Map<String, Object> bindOptions(Mount mount) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("Propagation", mount.propagation().word());
    mount
        .bind()
        .ifPresent(
            how -> {
              if (how.nonRecursive()) {
                result.put("NonRecursive", true);
              }
              if (how.writableBelow()) {
                result.put("ReadOnlyNonRecursive", true);
              }
              how.owner()
                  .ifPresent(owner -> result.put("OwnedBy", owner.uid() + ":" + owner.gid()));
            });
    mount.subPath().ifPresent(path -> result.put("Subpath", path));
    return result;
  }

  private static Map<String, Object> volumeOptions(Mount mount, VolumeSpec volume) {
    Map<String, Object> result = new LinkedHashMap<>();
    if (mount.noCopy()) {
      result.put("NoCopy", true);
    }
    if (!volume.labels().isEmpty()) {
      result.put("Labels", volume.labels());
    }
    mount.subPath().ifPresent(path -> result.put("Subpath", path));
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("Name", volume.driver());
    if (!volume.options().isEmpty()) {
      driver.put("Options", volume.options());
    }
    result.put("DriverConfig", driver);
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
