package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import java.util.List;
import java.util.Set;

/** Why something did not start: by the step of its plan that is to blame, or in words. */
final class Unstarted {
  /** EXECS_MAX of the supervisor. */
  private static final int MOST_EXECS = 64;

  /** SETUP_LIMIT_MS of the supervisor. */
  private static final String STUCK =
      "its set-up did not get on within 30 s, as when a file system that is mounted into it does not"
          + " answer: look at its mounts, and try again when the host has less to do";

  /** How a supervisor answers a plan that it does not take. */
  private static final Set<Integer> REFUSALS =
      Set.of(Errno.EPROTONOSUPPORT, Errno.ESTALE, Errno.EINVAL, Errno.EBADMSG, Errno.E2BIG);

  private Unstarted() {}

  /** Of a container's first start. */
  static StartFailedException container(String name, LaunchPlan plan, int step, int errno) {
    String what = "cannot start \"" + name + "\": ";
    return step < 0
        ? new StartFailedException(
            what + container(errno), "start the supervisor", errno, List.of())
        : ofStep(what, plan.sentence(step), errno);
  }

  private static StartFailedException ofStep(String what, String sentence, int errno) {
    String why = sentence + ": " + Errno.describe(errno) + Hints.of(sentence, errno);
    return new StartFailedException(what + why, sentence, errno, List.of());
  }

  /**
   * Of an exec. What the supervisor has not begun to run, it did not understand: it may have been
   * started by an older Pinnace, whose launcher it is (docs/formats.md, <i>Supervisor
   * protocol</i>).
   */
  static StartFailedException exec(String name, LaunchPlan plan, int section, int step, int errno) {
    String what = "cannot exec in \"" + name + "\": ";
    if (section < 0 && REFUSALS.contains(errno)) {
      return notUnderstood(what, step < 0 ? "read the launch plan" : plan.sentence(step), errno);
    }
    return step < 0
        ? new StartFailedException(what + exec(errno), "start the exec", errno, List.of())
        : ofStep(what, plan.sentence(step), errno);
  }

  private static StartFailedException notUnderstood(String what, String sentence, int errno) {
    return new StartFailedException(
        what
            + "its supervisor, of the Pinnace that started it, does not know how to \""
            + sentence
            + "\": "
            + Errno.describe(errno)
            + "; restart the container, or use the version of Pinnace that started it",
        sentence,
        errno,
        List.of());
  }

  private static String container(int errno) {
    return switch (errno) {
      case Errno.ECANCELED ->
          "it was stopped or removed, or its time was up, before its program began";
      case Errno.ECHILD -> "its first process was killed before its program began";
      case Errno.ETIMEDOUT -> STUCK;
      case Errno.EPIPE ->
          "the engine that it is bound to was closed before its program began: keep the engine open,"
              + " or start it detached";
      default -> "start the supervisor: " + Errno.describe(errno);
    };
  }

  private static String exec(int errno) {
    return switch (errno) {
      case Errno.EAGAIN ->
          MOST_EXECS
              + " programs were executed in it that have not ended, which is the most: wait for one"
              + " of them";
      case Errno.ECHILD -> "its process was killed before its program began";
      case Errno.ETIMEDOUT -> STUCK;
      default -> "start the exec: " + Errno.describe(errno);
    };
  }
}
