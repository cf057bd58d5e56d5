package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Owner;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads the value of {@code --mount}. */
final class MountFlag {
  private final FlagValue value;
  private final MountFields fields;

  private MountFlag(FlagValue value) {
    this.value = value;
    this.fields = new MountFields(value);
  }

  /**
   * @param make whether a missing source is made where {@code bind-create-src} says so
   */
  static Mount parse(String text, boolean make) {
    return new MountFlag(new FlagValue("--mount", text)).mount(make);
  }

  private Mount mount(boolean make) {
    String type = fields.get("type").orElse("volume").toLowerCase(Locale.ROOT);
    if (!MountFields.TYPES.contains(type)) {
      throw value.wrong("type is bind, volume or tmpfs, not \"" + type + "\"");
    }
    String target = fields.get("target").orElse("");
    if (target.isEmpty()) {
      throw value.wrong("target=DIR is missing");
    }
    fields.refuseOfOthers(type);
    fields
        .get("consistency")
        .filter(word -> !VolumeFlag.CONSISTENCY.contains(word) && !word.equals("default"))
        .ifPresent(
            word -> {
              throw value.wrong("consistency is consistent, cached or delegated, not " + word);
            });
    Mount mount =
        switch (type) {
          case "bind" -> bind(make);
          case "tmpfs" -> tmpfs();
          default -> volume();
        };
    return withReadOnly(mount).at(target);
  }

  private Mount withReadOnly(Mount mount) {
    return fields.isTrue("readonly") ? mount.asReadOnly() : mount;
  }

  private Mount bind(boolean make) {
    String source = fields.get("source").orElse("");
    if (source.isEmpty()) {
      throw value.wrong("source=PATH is missing");
    }
    boolean relative = source.matches("\\.\\.?(/.*)?");
    if (!relative && !source.startsWith("/")) {
      throw value.wrong("source is an absolute path, or begins with ./ or ../: write ./" + source);
    }
    Path path = VolumeFlag.path(value, source);
    if (make && fields.isTrue("bind-create-src")) {
      VolumeFlag.make(value, path);
    }
    Optional<String> propagation =
        fields.get("bind-propagation").map(w -> w.toLowerCase(Locale.ROOT));
    Mount mount = Mount.bind(path);
    if (propagation.isPresent()) {
      mount = mount.propagation(propagation(propagation.get()));
    }
    Optional<String> owner = fields.get("bind-owned-by");
    if (owner.isPresent()) {
      Owner parsed = owner(owner.get());
      mount = mount.ownedBy(parsed.uid(), parsed.gid());
    }
    if (fields.isTrue("bind-nonrecursive")) {
      mount = mount.nonRecursive();
    }
    return recursive(mount, fields.get("bind-recursive").orElse("enabled"), propagation);
  }

  private Owner owner(String text) {
    try {
      return Owner.parse(text);
    } catch (InvalidSpecException e) {
      throw value.wrong("bind-owned-by " + e.getMessage(), e);
    }
  }

  private Propagation propagation(String word) {
    return Propagation.of(word)
        .orElseThrow(
            () ->
                value.wrong(
                    "bind-propagation is private, rprivate, slave, rslave, shared or rshared, not "
                        + word));
  }

  /** What is mounted below a read-only bind is read-only anyway: every kernel that runs us can. */
  private Mount recursive(Mount mount, String word, Optional<String> propagation) {
    boolean readOnly = fields.isTrue("readonly");
    switch (word) {
      case "enabled" -> {
        return mount;
      }
      case "disabled" -> {
        return mount.nonRecursive();
      }
      case "writable", "readonly" -> {
        if (!readOnly) {
          throw value.wrong("bind-recursive=" + word + " requires readonly");
        }
      }
      default ->
          throw value.wrong(
              "bind-recursive is enabled, disabled, writable or readonly, not " + word);
    }
    if (word.equals("writable")) {
      return mount.asReadOnlyAtTop();
    }
    if (!propagation.equals(Optional.of("rprivate"))) {
      throw value.wrong("bind-recursive=readonly requires bind-propagation=rprivate");
    }
    return mount;
  }

  private Mount tmpfs() {
    if (fields.get("source").isPresent()) {
      throw value.wrong("a tmpfs has no source");
    }
    Mount mount = Mount.tmpfs();
    String size = fields.get("tmpfs-size").orElse("0");
    long bytes = size(size);
    if (bytes > 0) {
      mount = mount.with("size=" + bytes);
    }
    Optional<String> mode = fields.get("tmpfs-mode");
    if (mode.isPresent()) {
      if (!mode.get().matches("0*[0-7]{1,4}")) {
        throw value.wrong("tmpfs-mode is octal, as in 1777, not \"" + mode.get() + "\"");
      }
      mount = mount.mode(Integer.parseInt(mode.get(), 8));
    }
    return mount;
  }

  private long size(String text) {
    try {
      return Bytes.parse(text).count();
    } catch (InvalidSpecException e) {
      throw value.wrong("tmpfs-size " + e.getMessage(), e);
    }
  }

  private Mount volume() {
    String name = fields.get("source").orElse("");
    if (name.isEmpty() && (fields.isTrue("readonly") || fields.get("volume-subpath").isPresent())) {
      throw value.wrong("a volume without a name begins empty: give it source=NAME");
    }
    VolumeSpec spec = name.isEmpty() ? VolumeSpec.unnamed() : VolumeFlag.named(value, name);
    spec =
        spec.withDriver(
            fields.get("volume-driver").filter(d -> !d.isEmpty()).orElse(VolumeSpec.LOCAL));
    for (Map.Entry<String, String> option : fields.options().entrySet()) {
      spec = spec.withOption(option.getKey(), option.getValue());
    }
    for (Map.Entry<String, String> label : fields.labels().entrySet()) {
      spec = spec.withLabel(label.getKey(), label.getValue());
    }
    Mount mount = Mount.volume(spec);
    if (fields.isTrue("volume-nocopy")) {
      mount = mount.withoutCopy();
    }
    return fields.get("volume-subpath").map(mount::subPath).orElse(mount);
  }
}
