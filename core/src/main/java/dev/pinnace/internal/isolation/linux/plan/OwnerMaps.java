package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.IdMapping;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.Owner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Binds whose files belong to the container's root, and on the host to somebody else: the copy of
 * the mount takes the map of a user namespace that is made for nothing else (mount_setattr(2),
 * MOUNT_ATTR_IDMAP). One that only root may make; an ordinary user is root in the container anyway.
 */
public final class OwnerMaps {
  private static final int USERNS_FD_AT = 24;
  private static final long IDS = (1L << 32) - 1;

  private final LaunchPlan.Builder plan;
  private final Map<Owner, Register> namespaces = new LinkedHashMap<>();

  OwnerMaps(LaunchPlan.Builder plan) {
    this.plan = plan;
  }

  /** Whose the files of a bind are to be; empty where they stay as they are. */
  public static Optional<Owner> ownerOf(Mount mount) {
    return MountOptions.parse(mount.type(), mount.options()).owner();
  }

  /** Makes the user namespaces, once for the container. */
  void prepare(RuntimeConfig config, HostFacts host) {
    if (!host.rootful()) {
      return;
    }
    for (Mount mount : config.mounts()) {
      ownerOf(mount)
          .ifPresent(
              owner ->
                  namespaces.computeIfAbsent(
                      owner,
                      unknown ->
                          make(
                              plan,
                              owner,
                              config.linux().uidMappings(),
                              config.linux().gidMappings(),
                              "owner" + namespaces.size())));
    }
  }

  /** Makes the user namespace for {@code owner}, in PREPARE. */
  public static Register make(
      LaunchPlan.Builder plan,
      Owner owner,
      List<IdMapping> users,
      List<IdMapping> groups,
      String name) {
    Register namespace = plan.register(name);
    plan.in(Section.PREPARE)
        .to("make a user namespace in which " + owner + " is the container's root")
        .into(namespace)
        .userNamespace(map(owner.uid(), users), map(owner.gid(), groups), false, null);
    return namespace;
  }

  /** Lets the copy of a mount, and of those below it, take the map of {@code owner}. */
  void apply(Section section, Register copy, Owner owner, String source) {
    Register namespace = namespaces.get(owner);
    if (namespace != null) {
      apply(plan, section, copy, namespace, source);
    }
  }

  /** The same with the namespace itself. */
  public static void apply(
      LaunchPlan.Builder plan, Section section, Register copy, Register namespace, String source) {
    byte[] image =
        ByteBuffer.allocate(MountAttributes.SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(MOUNT_ATTR_IDMAP.value())
            .array();
    Operand.Scratch attributes = plan.scratch(image, "{set MOUNT_ATTR_IDMAP}");
    plan.in(section)
        .to("name the user namespace whose ids " + source + " takes")
        .storeLong(namespace, attributes.at(USERNS_FD_AT, 8));
    plan.in(section)
        .to("map the owners in " + source)
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH, AT_RECURSIVE),
            attributes,
            Operand.of(MountAttributes.SIZE));
  }

  /**
   * Lines of uid_map: the owner on the disk is root's id, all others of the container are
   * themselves. Whoever has root's id on the disk is nobody, and who has the owner's in the
   * container makes nothing.
   */
  static String map(long owner, List<IdMapping> container) {
    long root = container.isEmpty() ? 0 : container.get(0).hostID();
    long size = container.isEmpty() ? IDS : container.get(0).size();
    StringBuilder lines = new StringBuilder(owner + " " + root + " 1\n");
    long end = root + size;
    if (owner > root && owner < end) {
      line(lines, root + 1, owner);
      line(lines, owner + 1, end);
    } else {
      line(lines, root + 1, end);
    }
    return lines.toString();
  }

  private static void line(StringBuilder lines, long from, long to) {
    if (from < to) {
      lines.append(from).append(' ').append(from).append(' ').append(to - from).append('\n');
    }
  }
}
