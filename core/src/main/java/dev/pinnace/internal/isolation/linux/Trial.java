package dev.pinnace.internal.isolation.linux;

import dev.pinnace.internal.isolation.linux.supervisor.TrialAnswer;
import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.plan.Constants;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Named;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Steps that are tried in a process of the launcher's, as a container's would be, because this
 * process must not try them itself: a JVM cannot enter a user namespace. A trial ends where a
 * program would be executed; nothing of it is left.
 */
final class Trial {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final String END = "execute nothing";
  private static final String NOTHING = "/proc/self/nothing";

  private final LaunchPlan.Builder plan = LaunchPlan.builder();

  /**
   * What the kernel refused.
   *
   * @param step the sentence of the step
   */
  record Refusal(String step, int errno) {
    /** As in {@code map this user to root: EPERM (operation not permitted)}. */
    String message() {
      return step + ": " + Errno.describe(errno);
    }
  }

  LaunchPlan.Builder plan() {
    return plan;
  }

  /** What happens in the process that would become the container, with these namespaces. */
  Trial child(Consumer<LaunchPlan.Steps> steps, Named... namespaces) {
    plan.in(Section.STAGE)
        .to("clone a process with its own namespaces")
        .cloneChild(Operand.flags(namespaces), plan.register("nocgroup"));
    LaunchPlan.Steps child = plan.in(Section.CHILD);
    steps.accept(child);
    child.to(END).exec(List.of(NOTHING), List.of(NOTHING), List.of());
    return this;
  }

  /** Joins the user namespace that PREPARE made. */
  Trial joinUserNamespace() {
    plan.in(Section.STAGE)
        .to("join the user namespace")
        .call("setns", Register.USERNS, Operand.flags(Constants.CLONE_NEWUSER));
    return this;
  }

  /** Runs it; empty when every step was done. */
  Optional<Refusal> run(Launcher launcher) {
    LaunchPlan built = plan.build();
    UnixSocket.Pair control = UnixSocket.pair();
    try (UnixSocket ours = control.left();
        Descriptors descriptors = new Descriptors();
        Dir dev = Dir.open(Path.of("/dev"))) {
      Fd nothing = descriptors.own(dev.open("null", 2, 0));
      descriptors.own(control.right());
      descriptors
          .give(Descriptors.PLAN, Memfd.sealed("pinnace-plan", built.encode(launcher.buildId())))
          .lend(Descriptors.CONTROL, control.right().fd())
          .give(Descriptors.LOCK, Memfd.create("pinnace-lock"))
          .lend(Descriptors.LOGS, nothing)
          .lend(Descriptors.STATE, nothing);
      Pidfd spawned = launcher.start(descriptors.byNumber());
      control.right().close();
      try (spawned;
          Epoll ended = new Epoll()) {
        ended.add(spawned.fd(), 0);
        if (!ended.await(PATIENCE_MILLIS).isEmpty()) {
          spawned.reap();
        }
      }
      TrialAnswer answer = TrialAnswer.await(ours, PATIENCE_MILLIS);
      String step = answer.step() < 0 ? "start a supervisor" : built.sentence(answer.step());
      return step.equals(END) ? Optional.empty() : Optional.of(new Refusal(step, answer.errno()));
    }
  }
}
