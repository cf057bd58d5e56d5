package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.volume.LocalVolume;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Volumes in the runtime configuration whose files are not in the engine's root: file systems that
 * are mounted in the container itself, directories of the host, and what drivers mount.
 */
public final class VolumeWords {
  /** Said by the engine, with what follows: which volume this is. */
  private static final String VOLUME = "x-pinnace.volume=";

  /** Said by the engine: the file system, not the mount alone, is read-only. */
  private static final String READ_ONLY = "x-pinnace.read-only-files";

  private static final String ADDRESS = "addr=";

  private VolumeWords() {}

  /** Of a volume of a driver: where it is mounted is known at each start. */
  static String word(VolumeSpec volume) {
    return VOLUME + volume.name().orElseThrow();
  }

  /**
   * A volume of the driver local with a type.
   *
   * @param options of the mount, which come after those of the volume
   */
  static Mount local(dev.pinnace.spec.Mount mount, LocalVolume volume, List<String> options) {
    List<String> words = new ArrayList<>(List.of(VOLUME + volume.name()));
    if (!volume.isBind() && mount.subPath().isPresent()) {
      throw new InvalidSpecException(
          "volume "
              + volume.name()
              + " on "
              + mount.target()
              + " cannot have the sub-path "
              + mount.subPath().get()
              + ": it is a file system that is mounted as a whole; leave that out");
    }
    for (String word : volume.words()) {
      words.add(word);
      if (word.equals("ro") && !volume.isBind()) {
        words.add(READ_ONLY);
      }
    }
    words.addAll(options);
    if (!volume.isBind()) {
      return new Mount(mount.target(), volume.type(), volume.device(), words);
    }
    Path source = Path.of(volume.device());
    if (!Files.isDirectory(source)) {
      throw new NotFoundException(
          "volume "
              + volume.name()
              + " cannot be mounted: its device "
              + source
              + (Files.exists(source) ? " is no directory" : " is not there")
              + ": make that directory, or make the volume with another");
    }
    words.addAll(BindWords.of(mount, source));
    return new Mount(mount.target(), "bind", volume.device(), words);
  }

  /** Whether names of servers are to be looked up at a start. */
  public static boolean hasAddresses(List<Mount> mounts) {
    return mounts.stream().anyMatch(mount -> volume(mount).isPresent() && isOfAServer(mount));
  }

  private static boolean isOfAServer(Mount mount) {
    return mount.type().startsWith("nfs") || mount.type().equals("cifs");
  }

  private static Optional<String> volume(Mount mount) {
    return mount.options().stream()
        .filter(option -> option.startsWith(VOLUME))
        .map(option -> option.substring(VOLUME.length()))
        .findFirst();
  }

  /** As it is mounted now, {@code places} being where drivers have mounted volumes. */
  public static Mount found(Mount mount, Map<String, Path> places) {
    Optional<String> volume = volume(mount);
    if (volume.isEmpty()) {
      return mount;
    }
    Path place = places.get(volume.get());
    if (place != null) {
      return new Mount(mount.destination(), mount.type(), place.toString(), mount.options());
    }
    if (!isOfAServer(mount)) {
      return mount;
    }
    return new Mount(
        mount.destination(),
        mount.type(),
        mount.source(),
        mount.options().stream().map(option -> resolved(volume.get(), option)).toList());
  }

  /** The kernel takes numbers only. */
  private static String resolved(String volume, String option) {
    if (!option.startsWith(ADDRESS)) {
      return option;
    }
    String host = option.substring(ADDRESS.length());
    try {
      return ADDRESS + InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      throw new PinnaceException(
          "volume "
              + volume
              + " cannot be mounted: nobody knows the address of "
              + host
              + ", of its option "
              + option
              + ": correct it, or see why it is not resolved",
          e);
    }
  }
}
