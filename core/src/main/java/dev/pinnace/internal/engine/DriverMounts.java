package dev.pinnace.internal.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.volume.VolumeRecord;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.VolumeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What drivers of volumes mount for containers. That is listed in the container's directory before
 * they are asked to, so that whoever finds the container ended has it unmounted; what cannot be
 * unmounted when the container goes is remembered by the volumes. Thread-safe.
 */
final class DriverMounts {
  private static final Logger LOG = LoggerFactory.getLogger(DriverMounts.class);
  private static final String LIST = "volumes.mounted";

  private final Parts parts;

  DriverMounts(Parts parts) {
    this.parts = parts;
  }

  /** Has them mounted for a container: where, by their names. Needs its lock. */
  Map<String, Path> mount(ContainerId user, List<VolumeSpec> volumes) {
    Map<String, Path> places = new TreeMap<>();
    if (!volumes.isEmpty()) {
      write(user, volumes.stream().flatMap(volume -> volume.name().stream()).toList());
      store().left().forget(user.hex()); // of a removal that was not completed
      for (VolumeSpec volume : volumes) {
        String name = volume.name().orElseThrow();
        Path place = store().drivers().mount(volume, user.hex());
        FaultPoints.reached("volume mounted by its driver");
        places.put(name, place);
      }
    }
    return places;
  }

  private Path list(ContainerId id) {
    return parts.layout().container(id).resolve(LIST);
  }

  private void write(ContainerId user, List<String> names) {
    String text = String.join("\n", names) + "\n";
    try {
      Durable.write(list(user), text.getBytes(StandardCharsets.US_ASCII), true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list what is mounted for " + user.shortHex(), e);
    }
  }

  /** Has unmounted what is mounted for a container that does not run; needs its lock. */
  void unmount(ContainerId user) {
    List<String> left = unmountListed(user);
    if (!left.isEmpty()) {
      write(user, left);
    }
  }

  /** The same for one that is about to be removed: what is left is tried again without it. */
  void release(ContainerId user) {
    List<String> left = unmountListed(user);
    if (left.isEmpty()) {
      store().left().forget(user.hex());
    } else {
      store().left().add(user.hex(), left);
      FaultPoints.reached("mounts left");
      LOG.warn(
          "container {} is removed, and what drivers have mounted for it is not unmounted: {}; the"
              + " next engine that opens tries again, and who removes the volume",
          user.shortHex(),
          String.join(", ", left));
    }
  }

  /** The names of those that could not be. */
  private List<String> unmountListed(ContainerId user) {
    List<String> left = new ArrayList<>();
    try {
      List<String> names = Files.readAllLines(list(user), StandardCharsets.US_ASCII);
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        try {
          Optional<VolumeRecord> volume = store().findDriven(name);
          volume.ifPresent(one -> store().drivers().unmount(one.spec(), user.hex()));
        } catch (CancelledException interrupted) {
          left.addAll(names.subList(i, names.size()));
          write(user, left);
          throw interrupted;
        } catch (PinnaceException failure) {
          LOG.warn("volume {} of container {}: {}", name, user.shortHex(), failure.getMessage());
          LOG.debug("the cause", failure);
          left.add(name);
        }
      }
      if (left.isEmpty()) {
        Files.delete(list(user));
      }
    } catch (NoSuchFileException none) {
      LOG.trace("nothing is mounted for {}", user.shortHex());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read what is mounted for " + user.shortHex(), e);
    }
    return left;
  }

  private VolumeStore store() {
    return parts.volumes();
  }
}
