package dev.pinnace.internal.engine;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Platform;
import java.util.Optional;
import java.util.Set;

/** What an image asks for that a container of it will not have. */
final class ImageFit {
  /** Processors usually run programs of these older ones too. */
  private static final Set<String> COMPATIBLE = Set.of("amd64 386", "arm64 arm");

  private ImageFit() {}

  /** Refuses an image for another operating system, which has no program that could start. */
  static void check(String name, ImageConfig image) {
    if (!image.platform().os().equals(Platform.host().os())) {
      throw new UnsupportedException(
          "the platform " + image.platform() + " of image " + name,
          "this host is " + Platform.host(),
          "load the image for " + Platform.host());
    }
  }

  /** What to say of an image for another platform; an emulator may be installed, so it may run. */
  static Optional<String> platform(String name, ImageConfig image) {
    Platform host = Platform.host();
    Platform made = image.platform();
    boolean fits =
        host.runs(made)
            || (made.os().equals(host.os())
                && COMPATIBLE.contains(host.architecture() + " " + made.architecture()));
    return fits
        ? Optional.empty()
        : Optional.of(
            "the image "
                + name
                + " is for "
                + made
                + ", but this host is "
                + host
                + ": its programs may not start");
  }
}
