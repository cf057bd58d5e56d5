package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.FileSystemContext;
import dev.pinnace.linux.file.MountApi;
import dev.pinnace.linux.file.PrivateMount;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Overlay mounts that are attached nowhere. */
final class OverlayMounter {
  /**
   * What is mounted.
   *
   * @param lowers full paths, top first
   * @param links where {@code linkNames} are
   * @param upper what is written, with its scratch directory; empty for a read-only view
   * @param options the rest
   */
  record Layers(
      List<Path> lowers,
      Path links,
      List<String> linkNames,
      Optional<Writable> upper,
      List<String> options) {
    record Writable(Path upper, Path work) {}

    static Layers of(RootMount.Overlay mount) {
      return new Layers(
          mount.lowers(),
          mount.links(),
          mount.linkNames(),
          Optional.of(new Writable(mount.upper(), mount.work())),
          mount.options());
    }
  }

  private OverlayMounter() {}

  /**
   * Mounts.
   *
   * @throws UnsupportedException if this process may not mount
   * @throws ErrnoException if the kernel refuses for another reason
   */
  static DetachedMount mount(Layers layers) {
    try {
      try {
        return appending(layers);
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EINVAL)) {
          throw refusal;
        }
        return joined(layers, refusal);
      }
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EPERM)) {
        throw new UnsupportedException(
            "a view of several layers in this process",
            String.valueOf(refusal.getMessage()),
            "it needs CAP_SYS_ADMIN in the user namespace that owns the mounts");
      }
      throw refusal;
    }
  }

  /** One lower after the other by {@code lowerdir+} (6.8 and later). */
  static DetachedMount appending(Layers layers) {
    try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
      layers.lowers().forEach(lower -> overlay.set("lowerdir+", lower.toString()));
      layers
          .upper()
          .ifPresent(
              writable ->
                  overlay
                      .set("upperdir", writable.upper().toString())
                      .set("workdir", writable.work().toString()));
      for (String option : layers.options()) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          overlay.set(option);
        } else {
          overlay.set(option.substring(0, equals), option.substring(equals + 1));
        }
      }
      return overlay.mount(attributes(layers));
    }
  }

  /** All lowers in one string of short names, by mount(2). */
  static DetachedMount joined(Layers layers, ErrnoException earlier) {
    List<String> options = new ArrayList<>();
    options.add("lowerdir=" + String.join(":", layers.linkNames()));
    layers
        .upper()
        .ifPresent(
            writable -> {
              options.add("upperdir=" + escaped(writable.upper()));
              options.add("workdir=" + escaped(writable.work()));
            });
    options.addAll(layers.options());
    try {
      DetachedMount mount =
          PrivateMount.mount(layers.links(), "overlay", String.join(",", options), layers.links());
      try {
        mount.setAttributes(attributes(layers), 0, false);
        return mount;
      } catch (ErrnoException refusal) {
        mount.close();
        throw refusal;
      }
    } catch (ErrnoException refusal) {
      refusal.addSuppressed(earlier);
      throw refusal;
    }
  }

  private static long attributes(Layers layers) {
    return layers.upper().isPresent()
        ? OpenTree.INERT
        : OpenTree.INERT | MountApi.MOUNT_ATTR_RDONLY;
  }

  private static String escaped(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
