package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.spi.storage.RootMount;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** Layers over each other, mounted on a directory of the new mount namespace. */
public final class OverlaySteps {
  /** The parameter that adds one lower layer. */
  public static final String LAYER = "lowerdir+";

  private final LaunchPlan.Builder plan;
  private final Path mountPoint;

  /**
   * Adds to {@code plan}.
   *
   * @param mountPoint where
   */
  public OverlaySteps(LaunchPlan.Builder plan, Path mountPoint) {
    this.plan = plan;
    this.mountPoint = mountPoint;
  }

  /**
   * Mounts.
   *
   * @param byLayer whether fsconfig(2) takes the layers one by one; else mount(2) takes short names
   */
  public void mount(RootMount.Overlay overlay, boolean byLayer) {
    if (byLayer) {
      byLayer(overlay);
    } else {
      byString(overlay);
    }
  }

  private void byLayer(RootMount.Overlay overlay) {
    Register context = plan.register("overlay");
    Register mount = plan.register("rootfs");
    step("begin the root's overlay")
        .into(context)
        .call("fsopen", plan.text("overlay"), Operand.flags(FSOPEN_CLOEXEC));
    for (Path lower : overlay.lowers()) {
      set(context, LAYER, lower.toString());
    }
    set(context, "upperdir", overlay.upper().toString());
    set(context, "workdir", overlay.work().toString());
    for (String option : overlay.options()) {
      String[] sides = option.split("=", 2);
      set(context, sides[0], sides.length == 2 ? sides[1] : null);
    }
    step("create the root's overlay")
        .call(
            "fsconfig",
            context,
            Operand.flags(FSCONFIG_CMD_CREATE),
            Operand.none(),
            Operand.none(),
            Operand.of(0));
    step("mount the root's overlay")
        .into(mount)
        .call("fsmount", context, Operand.flags(FSMOUNT_CLOEXEC), Operand.of(0));
    attachRoot();
  }

  private void attachRoot() {
    step("attach the root")
        .call(
            "move_mount",
            plan.register("rootfs"),
            plan.text(""),
            Operand.flags(AT_FDCWD),
            text(mountPoint),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH));
  }

  private void set(Register context, String key, @org.jspecify.annotations.Nullable String value) {
    step("set the overlay's " + key + (value == null ? "" : " to " + value))
        .call(
            "fsconfig",
            context,
            Operand.flags(value == null ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING),
            plan.text(key),
            value == null ? Operand.none() : plan.text(value),
            Operand.of(0));
  }

  private void byString(RootMount.Overlay overlay) {
    String options =
        "lowerdir="
            + String.join(":", overlay.linkNames())
            + ",upperdir="
            + escape(overlay.upper())
            + ",workdir="
            + escape(overlay.work())
            + overlay.options().stream().map(o -> "," + o).collect(Collectors.joining());
    step("enter the directory of short layer names").call("chdir", text(overlay.links()));
    step("mount the root's overlay")
        .call(
            "mount",
            plan.text("overlay"),
            text(mountPoint),
            plan.text("overlay"),
            Operand.of(0),
            plan.text(options));
  }

  static String escape(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:");
  }

  private Operand text(Path path) {
    return plan.text(path.toString());
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
