package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Rlimit;

/**
 * What a process has from STAGE, because it takes capabilities of the initial user namespace. It
 * comes before all else there: in the container's namespaces it could not be done.
 */
final class InheritedSteps {
  private static final long UNLIMITED = -1;

  /** As many files as setting up may need; fs.nr_open, which is the most, is a million. */
  private static final long ENOUGH_FILES = 65_536;

  private final LaunchPlan.Builder plan;
  private final RuntimeProcess process;
  private final HostFacts host;

  InheritedSteps(LaunchPlan.Builder plan, RuntimeProcess process, HostFacts host) {
    this.plan = plan;
    this.process = process;
    this.host = host;
  }

  /**
   * Adds the steps.
   *
   * @param userNamespace whether a user namespace is joined after them
   */
  void all(boolean userNamespace) {
    process.oomScoreAdj().ifPresent(this::oomScore);
    process.apparmorProfile().ifPresent(this::appArmor);
    if (userNamespace && host.rootful()) {
      process.rlimits().forEach(this::room);
    }
  }

  /**
   * The process sets its limits last, when it can lower them alone: setrlimit(2). What does not
   * succeed here may be enough already.
   */
  private void room(Rlimit limit) {
    boolean files = limit.type().equals("RLIMIT_NOFILE");
    long most =
        files && limit.hard() != UNLIMITED ? Math.max(limit.hard(), ENOUGH_FILES) : UNLIMITED;
    step("make room for " + limit.type())
        .tolerating(Errno.EPERM)
        .call(
            "prlimit64",
            Operand.of(0),
            new Operand.Immediate(Rlimits.number(limit.type()), limit.type()),
            Rlimits.pair(plan, most, most),
            Operand.none());
  }

  /** What the next execve takes on, be it that of a child: here the profile binds nobody yet. */
  private void appArmor(String profile) {
    Register proc = hostProc("lsmproc", "open the host's /proc for the profile");
    step("choose the AppArmor profile " + profile)
        .writeAll(proc, "self/attr/apparmor/exec", plan.data("exec " + profile), PROC_SUPER_MAGIC);
    step("close the host's /proc again").call("close", proc);
  }

  private Register hostProc(String register, String sentence) {
    Register proc = plan.register(register);
    step(sentence)
        .into(proc)
        .call(
            "openat",
            Operand.flags(AT_FDCWD),
            plan.text("/proc"),
            Operand.flags(O_PATH, O_DIRECTORY, O_CLOEXEC),
            Operand.of(0));
    return proc;
  }

  /** Through the host's /proc: in the container's this process has no number. */
  private void oomScore(int adjustment) {
    Register proc = hostProc("oomproc", "open the host's /proc");
    // Of a process that is not dumpable the files belong to the host's root: proc(5).
    if (!host.rootful()) {
      dumpable("open this process's files in /proc to its user", 1);
    }
    step("set oom_score_adj to " + adjustment)
        .writeAll(
            proc, "self/oom_score_adj", plan.data(Integer.toString(adjustment)), PROC_SUPER_MAGIC);
    if (!host.rootful()) {
      dumpable("forbid other processes to trace this one", 0);
    }
    step("close the host's /proc").call("close", proc);
  }

  private void dumpable(String sentence, int value) {
    step(sentence)
        .call(
            "prctl",
            Operand.flags(PR_SET_DUMPABLE),
            Operand.of(value),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
  }

  private StepBuilder step(String sentence) {
    return plan.in(Section.STAGE).to(sentence);
  }
}
