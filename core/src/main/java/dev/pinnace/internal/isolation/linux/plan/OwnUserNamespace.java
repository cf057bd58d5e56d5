package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;

/**
 * The user namespace of an ordinary user's supervisor: this user and this group are 0 there, and
 * there are no others (user_namespaces(7)).
 */
public final class OwnUserNamespace {
  private OwnUserNamespace() {}

  /** Makes it and enters it, before anything else of {@code plan}. */
  public static void enter(LaunchPlan.Builder plan, int uid, int gid) {
    LaunchPlan.Steps enter = plan.in(Section.ENTER);
    enter.to("make a user namespace").call("unshare", Operand.flags(CLONE_NEWUSER));
    Register proc = plan.register("hostproc");
    enter
        .to("open the host's /proc")
        .into(proc)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    enter
        .to("deny setgroups")
        .writeAll(proc, "self/setgroups", plan.data("deny"), PROC_SUPER_MAGIC);
    enter
        .to("map this user to root")
        .writeAll(proc, "self/uid_map", plan.data("0 " + uid + " 1"), PROC_SUPER_MAGIC);
    enter
        .to("map this group to root")
        .writeAll(proc, "self/gid_map", plan.data("0 " + gid + " 1"), PROC_SUPER_MAGIC);
  }
}
