package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeConfig.Mount;
import java.util.ArrayList;
import java.util.List;

/**
 * What a bind mounts: a copy of the mounts that are at its source, which is attached nowhere yet
 * (open_tree(2)), with its attributes.
 */
final class BindSource {
  private final LaunchPlan.Builder plan;
  private final Section section;
  private final Mount mount;
  private final MountOptions options;
  private final OwnerMaps owners;

  BindSource(LaunchPlan.Builder plan, Section section, Mount mount, OwnerMaps owners) {
    this.plan = plan;
    this.owners = owners;
    this.section = section;
    this.mount = mount;
    this.options = MountOptions.parse(mount.type(), mount.options());
  }

  /** Copies the source, ready to be attached. */
  void copy(Register into) {
    open(into);
    finish(into);
  }

  /** The same of a copy that was attached on {@code place} for the time being. */
  void copyFrom(String place, Register into) {
    step("open " + what()).into(into).call("open_tree", cwd(), plan.text(place), copying());
    finish(into);
  }

  /** Copies the source as it is, but for its owners. */
  void open(Register into) {
    if (options.subPath().isEmpty()) {
      copyFromPath(into);
    } else {
      copyBelow(options.subPath().get(), into);
    }
    options.owner().ifPresent(owner -> owners.apply(section, into, owner, mount.source()));
  }

  private void copyFromPath(Register into) {
    step("open " + what())
        .into(into)
        .call("open_tree", cwd(), plan.text(mount.source()), copying());
  }

  /**
   * A container that has the source too may swap what is in it for a link at any time: the path is
   * walked by the kernel in one call, which leaves the source by no link and no "..", as if the
   * source were the root (openat2(2), RESOLVE_IN_ROOT).
   */
  private void copyBelow(String subPath, Register into) {
    Register source = plan.register("source");
    step("open " + mount.source())
        .into(source)
        .call(
            "openat",
            cwd(),
            plan.text(mount.source()),
            Operand.flags(O_PATH, O_CLOEXEC),
            Operand.of(0));
    Register below = plan.register("below");
    step("look for " + subPath + " in " + mount.source())
        .into(below)
        .call(
            "openat2",
            source,
            plan.text(subPath),
            OpenHow.of(
                plan, List.of(O_PATH, O_CLOEXEC), List.of(RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS)),
            Operand.of(OpenHow.SIZE));
    step("open " + what())
        .into(into)
        .call("open_tree", below, plan.text(""), copying(AT_EMPTY_PATH));
  }

  private void finish(Register copy) {
    options
        .propagation()
        .ifPresent(type -> set(copy, "let mounts propagate to " + mount.destination(), type));
    restrict(copy, options.recursive(), options.attributes());
    restrict(copy, false, options.topAttributes());
  }

  private void set(Register copy, String sentence, Named propagation) {
    step(sentence)
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH, AT_RECURSIVE),
            MountAttributes.propagation(plan, propagation),
            Operand.of(MountAttributes.SIZE));
  }

  private void restrict(Register copy, boolean recursive, List<Named> attributes) {
    if (attributes.isEmpty()) {
      return;
    }
    step("restrict the mount on " + mount.destination())
        .call(
            "mount_setattr",
            copy,
            plan.text(""),
            recursive ? Operand.flags(AT_EMPTY_PATH, AT_RECURSIVE) : Operand.flags(AT_EMPTY_PATH),
            MountAttributes.setting(plan, attributes.toArray(Named[]::new)),
            Operand.of(MountAttributes.SIZE));
  }

  private String what() {
    return options.subPath().map(path -> mount.source() + "/" + path).orElse(mount.source())
        + options.volume().map(name -> " of volume " + name).orElse("")
        + ", to be mounted on "
        + mount.destination();
  }

  private Operand copying(Named... more) {
    List<Named> flags = new ArrayList<>(List.of(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC));
    flags.addAll(List.of(more));
    if (options.recursive()) {
      flags.add(AT_RECURSIVE);
    }
    return Operand.flags(flags.toArray(Named[]::new));
  }

  private static Operand cwd() {
    return Operand.flags(AT_FDCWD);
  }

  private StepBuilder step(String sentence) {
    return plan.in(section).to(sentence);
  }
}
