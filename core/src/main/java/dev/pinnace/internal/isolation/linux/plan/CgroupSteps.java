package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.internal.isolation.linux.device.DeviceProgram;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.oci.RuntimeConfig.Resources;

/**
 * The container's cgroup: a directory below descriptor 12, kept over restarts, removed by the
 * supervisor.
 */
final class CgroupSteps {
  private static final Operand PARENT = Operand.of(12);

  private final LaunchPlan.Builder plan;

  CgroupSteps(LaunchPlan.Builder plan) {
    this.plan = plan;
  }

  /** {@code devices} is whether the resources' rules for them can be enforced. */
  void before(String name, Resources resources, boolean devices) {
    LaunchPlan.Steps before = plan.in(Section.BEFORE);
    Register made = plan.register("made");
    before
        .to("make the cgroup " + name)
        .into(made)
        .tolerating(Errno.EEXIST)
        .call("mkdirat", PARENT, plan.text(name), Operand.mode(0755));
    before
        .to("open the cgroup " + name)
        .into(Register.CGROUP)
        .call(
            "openat",
            PARENT,
            plan.text(name),
            Operand.flags(O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC),
            Operand.of(0));
    if (devices) {
      DeviceProgram.compile(resources.cgroupDevices())
          .ifPresent(
              program ->
                  before
                      .to("permit the container's devices alone")
                      .devices(
                          Register.CGROUP, program, resources.cgroupDevices().size() + " rules"));
    }
    // One line in each write: io.max takes one device at a time. A restart finds the cgroup, with
    // the limits that it was given since.
    resources
        .unified()
        .forEach(
            (file, value) ->
                value
                    .lines()
                    .forEach(
                        line ->
                            before
                                .to("set " + file + " to " + line)
                                .when(made)
                                .writeAll(
                                    Register.CGROUP, file, plan.data(line), CGROUP2_SUPER_MAGIC)));
  }
}
