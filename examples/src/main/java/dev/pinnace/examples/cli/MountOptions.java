package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags that say which files a container sees. */
final class MountOptions {
  @Option(names = "--read-only", description = "Make the root file system read-only.")
  private boolean readOnly;

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "[SOURCE:]DIR[:OPTIONS]",
      description = {
        "Mount a path of the host, or a volume; ro makes it read-only.",
        "A path begins with / or a dot; a directory that is missing is made.",
        "rslave and rshared let mounts propagate, nocopy keeps a volume empty."
      })
  private List<String> volumes = new ArrayList<>();

  @Option(
      names = "--mount",
      paramLabel = "type=...,target=...",
      description = {
        "Mount type=bind|volume|tmpfs; source, readonly; tmpfs-size, tmpfs-mode;",
        "bind-propagation, bind-recursive=enabled|disabled|writable|readonly,",
        "bind-nonrecursive, bind-create-src, bind-owned-by=UID[:GID];",
        "volume-nocopy, volume-subpath, volume-driver, volume-opt, volume-label."
      })
  private List<String> mounts = new ArrayList<>();

  @Option(
      names = "--volume-driver",
      paramLabel = "NAME",
      description = "Who keeps the volumes that -v makes; local by default.")
  private String volumeDriver = VolumeSpec.LOCAL;

  @Option(
      names = "--tmpfs",
      paramLabel = "DIR[:OPTIONS]",
      description = "Mount an empty directory in memory, as in /run:size=64m,mode=1777.")
  private List<String> tmpfs = new ArrayList<>();

  @Option(
      names = "--volumes-from",
      paramLabel = "CONTAINER[:ro|rw]",
      description = "Mount the volumes and binds of another container in the same places.")
  private List<String> volumesFrom = new ArrayList<>();

  @Option(
      names = "--shm-size",
      paramLabel = "SIZE",
      description = "Size of /dev/shm; 64m by default, and with 0.")
  private Optional<String> shmSize = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "HOST[:DEVICE]",
      description = "Give the container a device node of the host, or those in a directory.")
  private List<String> devices = new ArrayList<>();

  @Option(
      names = "--device-cgroup-rule",
      paramLabel = "RULE",
      description = "Permit devices by their numbers, as in \"c 189:* rwm\"; makes no node.")
  private List<String> deviceRules = new ArrayList<>();

  /**
   * @param make whether a missing source of -v is made, as Docker does
   */
  void addTo(ContainerSpecBuilder spec, boolean make) {
    if (readOnly) {
      spec.readOnly();
    }
    volumes.forEach(text -> spec.mount(VolumeFlag.parse(text, make, volumeDriver)));
    mounts.forEach(text -> spec.mount(MountFlag.parse(text, make)));
    tmpfs.forEach(text -> spec.mount(TmpfsFlag.parse(text)));
    volumesFrom.forEach(text -> addVolumesFrom(spec, text));
    shmSize.map(Bytes::parse).filter(size -> size.count() != 0).ifPresent(spec::shmSize);
    devices.forEach(spec::device);
    deviceRules.forEach(spec::deviceRule);
  }

  private static void addVolumesFrom(ContainerSpecBuilder spec, String text) {
    String[] parts = text.split(":", 2);
    switch (parts.length == 2 ? parts[1] : "rw") {
      case "rw" -> spec.volumesFrom(parts[0]);
      case "ro" -> spec.volumesFromReadOnly(parts[0]);
      default ->
          throw new InvalidSpecException(
              "--volumes-from " + text + ": the mode after the container is ro or rw");
    }
  }
}
