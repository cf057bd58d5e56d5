package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.StepBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Checks that what was opened under a device's path is that device. */
final class DeviceCheck {
  /** struct statx: stx_mode, and stx_rdev_major and _minor (linux/stat.h). */
  private static final int MODE = 28;

  private static final int NUMBER = 128;

  private final LaunchPlan.Builder plan;
  private final Operand.Scratch status;

  DeviceCheck(LaunchPlan.Builder plan) {
    this.plan = plan;
    this.status = plan.scratch(new byte[256], "statx");
  }

  /**
   * Fails with ENODEV unless {@code device} is it.
   *
   * @param type {@code c} or {@code b}
   */
  void expect(Register device, String path, String type, long major, long minor) {
    boolean block = type.equals("b");
    step("examine " + path)
        .call(
            "statx",
            device,
            plan.text(""),
            Operand.flags(AT_EMPTY_PATH),
            Operand.flags(STATX_BASIC_STATS),
            status);
    step("check that " + path + " is a " + (block ? "block" : "character") + " device")
        .check(
            status.at(MODE, 2),
            new byte[] {0, (byte) 0xF0},
            new byte[] {0, (byte) (block ? 0x60 : 0x20)},
            Errno.ENODEV);
    byte[] all = new byte[8];
    Arrays.fill(all, (byte) 0xFF);
    byte[] number =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) major)
            .putInt((int) minor)
            .array();
    step("check that " + path + " is device " + major + ":" + minor)
        .check(status.at(NUMBER, 8), all, number, Errno.ENODEV);
  }

  /** Opens {@code path}, which must be the null device, below {@code directory}. */
  Register openNull(Register directory, String path) {
    Register device = plan.register("devnull");
    step("open /dev/null")
        .into(device)
        .call(
            "openat",
            directory,
            plan.text(path),
            Operand.flags(O_PATH, O_NOFOLLOW, O_CLOEXEC),
            Operand.of(0));
    expect(device, "/dev/null", "c", 1, 3);
    return device;
  }

  private StepBuilder step(String sentence) {
    return plan.setup().to(sentence);
  }
}
