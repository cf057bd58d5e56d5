package dev.pinnace.internal.engine;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.isolation.linux.HostTrials;
import dev.pinnace.internal.storage.ProbeDirectory;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.StorageProbe;
import dev.pinnace.spi.storage.StorageProbe.Feature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Judges overlay for an ordinary user: this process may not mount it, but a container's first
 * process may, inside its user namespace (5.11 and later). So that is what is tried.
 */
final class UnprivilegedOverlay implements UnaryOperator<StorageProbe> {
  private static final String DRIVER = "overlayfs";

  private final Path directory;

  UnprivilegedOverlay(Path root) {
    this.directory = root.resolve("layers").resolve(DRIVER);
  }

  @Override
  public StorageProbe apply(StorageProbe probe) {
    if (!probe.driver().equals(DRIVER)) {
      return probe;
    }
    Feature feature =
        obstacle()
            .map(
                reason ->
                    Feature.missing(
                        "overlay in a user namespace",
                        reason,
                        "use Linux 5.11 or later with user namespaces, and a root directory on"
                            + " ext4, xfs or btrfs (tmpfs since 6.6); or choose vfs"))
            .orElseGet(() -> Feature.works("overlay in a user namespace"));
    return new StorageProbe(DRIVER, List.of(feature));
  }

  private Optional<String> obstacle() {
    try (ProbeDirectory place = ProbeDirectory.make(directory);
        Launcher launcher = Launcher.load()) {
      for (String name : List.of("lower", "upper", "work", "links", "at")) {
        place.dir().mkdir(name, 0755);
      }
      place.dir().symlink("../lower", "links/a");
      try (var file = place.dir().open("lower/kept", 0101, 0644)) {
        file.write("probe".getBytes(StandardCharsets.US_ASCII));
      }
      RootMount.Overlay overlay =
          new RootMount.Overlay(
              List.of(place.path("lower")),
              place.path("links"),
              List.of("a"),
              place.path("upper"),
              place.path("work"),
              false,
              true);
      return HostTrials.overlay(launcher, overlay, place.path("at"));
    } catch (PinnaceException | ErrnoException failure) {
      return Optional.of(String.valueOf(failure.getMessage()));
    }
  }
}
