package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.internal.isolation.linux.plan.OwnerMaps;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Owner;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Refuses binds whose owners cannot be mapped here, after having tried. */
final class MountOwners {
  /** Their maps wait in registers of the launch plan, of which there are few. */
  private static final int MOST = 4;

  private MountOwners() {}

  static void check(RuntimeConfig config, HostFacts host, Launcher launcher) {
    Set<Owner> owners = new LinkedHashSet<>();
    for (Mount mount : config.mounts()) {
      Optional<Owner> owner = OwnerMaps.ownerOf(mount);
      if (owner.isPresent()) {
        owners.add(owner.get());
        check(mount, owner.get(), host, launcher);
      }
    }
    if (owners.size() > MOST) {
      throw new InvalidSpecException(
          "mounts of a container can have " + MOST + " owners, not " + owners.size());
    }
  }

  private static void check(Mount mount, Owner owner, HostFacts host, Launcher launcher) {
    String what = "the owner " + owner + " of the mount on " + mount.destination();
    if (!host.rootful()) {
      if (owner.uid() != host.uid() || owner.gid() != host.gid()) {
        throw new UnsupportedException(
            what,
            "an ordinary user has one id to give",
            "leave it out: what root makes there is yours on the host anyway; or run the JVM as"
                + " root");
      }
      return;
    }
    boolean recursive = !mount.options().contains("bind");
    HostTrials.ownerMaps(launcher, mount.source(), recursive)
        .ifPresent(
            refusal -> {
              throw new UnsupportedException(
                  what,
                  refusal.message(),
                  "use a file system that maps ids of mounts (ext4, XFS, Btrfs; tmpfs since Linux"
                      + " 6.3)"
                      + (recursive ? ", leave out what is mounted below it (nonRecursive)" : "")
                      + ", or leave the owner out");
            });
  }

  /** Whether the kernel and the root's file system can. */
  static HostFeature feature(Launcher launcher) {
    String name = "owners of bind mounts";
    return HostTrials.ownerMaps(launcher, "/", false)
        .map(
            refusal ->
                HostFeature.missing(
                    name,
                    refusal.message(),
                    "Linux 5.12, and sources on ext4, XFS or Btrfs; others may do"))
        .orElseGet(() -> HostFeature.works(name, "tried on the file system of /"));
  }
}
