package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which files and devices a container sees, as a builder collects them. */
abstract class MountOptions<B> extends ProcessOptions<B> {
  private static final List<Set<String>> CONTRADICTIONS =
      List.of(
          Set.of("ro", "rw"),
          Set.of("exec", "noexec"),
          Set.of("suid", "nosuid"),
          Set.of("dev", "nodev"));

  final List<Mount> mounts = new ArrayList<>();
  final List<VolumesFrom> volumesFrom = new ArrayList<>();
  boolean readOnly;
  private @Nullable Bytes shmSize;

  /** What has said that /dev/shm is not the container's own: {@code hostIpc()} and the like. */
  @Nullable String notItsMemory;

  final List<String> devices = new ArrayList<>();
  final List<String> deviceRules = new ArrayList<>();

  /**
   * Mounts something; two mounts cannot have one place.
   *
   * @throws InvalidSpecException without a place, when it is taken, or for options that contradict
   *     each other
   */
  public B mount(Mount mount) {
    Checks.noNul("the place of a mount", mount.target());
    Checks.noNuls("an option of the mount on " + mount.target(), mount.options());
    if (mount.target().isEmpty()) {
      throw new InvalidSpecException(
          "a mount has no place in the container: say where it is to be");
    }
    mounts.stream()
        .filter(known -> known.target().equals(mount.target()))
        .findFirst()
        .ifPresent(
            known -> {
              throw conflict("a mount on " + mount.target(), "the " + known.noun());
            });
    refuseContradiction(mount);
    refuseReserved(mount);
    List<Mount> all = new ArrayList<>(mounts);
    all.add(mount);
    SharedMounts.check(all);
    mounts.add(mount);
    return self();
  }

  /**
   * Mounts the volumes and binds of another container, in the same places: those that it has when
   * this one is made, whether it runs or not. Where this container has a mount of its own, or one
   * of a container that is given later, that counts.
   *
   * @param container its name or id
   * @throws InvalidSpecException if that is empty
   */
  public B volumesFrom(String container) {
    volumesFrom.add(new VolumesFrom(container, false));
    return self();
  }

  /** The same, read-only. */
  public B volumesFromReadOnly(String container) {
    volumesFrom.add(new VolumesFrom(container, true));
    return self();
  }

  private static void refuseContradiction(Mount mount) {
    List<String> options = new ArrayList<>(mount.options());
    if (mount.readOnly()) {
      options.add("ro");
    }
    for (Set<String> pair : CONTRADICTIONS) {
      if (options.containsAll(pair)) {
        throw new InvalidSpecException(
            "the mount on "
                + mount.target()
                + " cannot be both "
                + String.join(
                    " and ", options.stream().filter(pair::contains).distinct().toList()));
      }
    }
  }

  private static void refuseReserved(Mount mount) {
    for (String option : mount.options()) {
      if (Propagation.of(option).isPresent()) {
        throw new InvalidSpecException(
            "the mount on " + mount.target() + " cannot be " + option + ": only a bind can");
      }
      if (option.startsWith("x-pinnace.")) {
        throw new InvalidSpecException(
            "the mount on "
                + mount.target()
                + " cannot have the option "
                + option
                + ": the engine alone says those");
      }
    }
  }

  /** Makes the root file system read-only; mounts stay as they are. */
  public B readOnly() {
    this.readOnly = true;
    return self();
  }

  /**
   * How much {@code /dev/shm} may hold; 64 MiB by default.
   *
   * @throws InvalidSpecException for nothing, which the kernel takes for no limit, or with {@code
   *     hostIpc()}, {@code ipcOf()} or {@code noShm()}: then it is not its own
   */
  public B shmSize(Bytes size) {
    if (notItsMemory != null) {
      throw conflict("a size of /dev/shm", notItsMemory);
    }
    if (size.count() == 0) {
      throw new InvalidSpecException("/dev/shm cannot have a size of 0: at least one byte");
    }
    this.shmSize = size;
    return self();
  }

  final Bytes shmSize() {
    return shmSize == null ? Bytes.mebi(64) : shmSize;
  }

  /** One of these can be asked for, and not with a size. */
  final void giveUpMemory(String asked) {
    if (shmSize != null) {
      throw conflict(asked, "the size of /dev/shm");
    }
    if (notItsMemory != null && !notItsMemory.equals(asked)) {
      throw conflict(asked, notItsMemory);
    }
    notItsMemory = asked;
  }

  /**
   * Gives it a device node of the host: {@code /dev/fuse}, {@code /dev/sda:/dev/xvda} or {@code
   * /dev/sda:/dev/xvda:r}. The last part is what the container may do, of {@code r}, {@code w} and
   * {@code m} (mknod): all three by default. Of a directory, such as {@code /dev/dri}, it gets all
   * nodes in it. Of two in one place the later counts, and before what would be there by default.
   *
   * @throws InvalidSpecException when it is nothing of that kind, or its place in the container is
   *     that of something else, such as {@code /dev/pts}
   */
  public B device(String hostAndContainer) {
    Objects.requireNonNull(hostAndContainer, "hostAndContainer");
    DeviceMapping.parse(hostAndContainer);
    devices.add(hostAndContainer);
    return self();
  }

  /**
   * Permits the use of devices by their numbers, besides the usual ones and those of {@link
   * #device}: {@code c 1:3 rwm}, {@code b 8:* r}. It gets no node by that, but may make one, or be
   * given one later.
   *
   * @throws InvalidSpecException when it is no {@linkplain DeviceRule rule}
   */
  public B deviceRule(String rule) {
    Objects.requireNonNull(rule, "rule");
    DeviceRule unused = DeviceRule.parse(rule);
    deviceRules.add(rule);
    return self();
  }
}
