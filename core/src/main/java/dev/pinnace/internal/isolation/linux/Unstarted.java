package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.Errno;

/** Why something did not start, where no step of its plan is to blame. */
final class Unstarted {
  /** EXECS_MAX of the supervisor. */
  private static final int MOST_EXECS = 64;

  /** SETUP_LIMIT_MS of the supervisor. */
  private static final String STUCK =
      "its set-up did not get on within 30 s, as when a file system that is mounted into it does not"
          + " answer: look at its mounts, and try again when the host has less to do";

  private Unstarted() {}

  static String container(int errno) {
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

  static String exec(int errno) {
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
