package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.Errno;

/** What to do about a step that failed, where experience tells. */
final class Hints {
  private static final String ENDED =
      "the container whose namespaces it shares has ended: start that one first";

  private Hints() {}

  /** A hint with its own punctuation; empty where there is none. */
  static String of(String sentence, int errno) {
    String hint = find(sentence, errno);
    return hint.isEmpty() ? "" : "; " + hint;
  }

  private static String find(String sentence, int errno) {
    if (errno == Errno.EMFILE) {
      return "raise the limit of open files (ulimit -n)";
    }
    if (sentence.startsWith("execute ")) {
      return switch (errno) {
        case Errno.ENOENT -> "the program, or the interpreter that it names, is not in the image";
        case Errno.EACCES ->
            "the file is a directory, has no execute permission, or its file system forbids"
                + " execution";
        case Errno.ENOEXEC ->
            "the file is neither an ELF program for this architecture nor a script with a #! line";
        case Errno.EAGAIN -> "the user has more processes than the ulimit nproc allows";
        default -> "";
      };
    }
    if (sentence.startsWith("find the working directory ") && errno == Errno.ENOENT) {
      return "an exec makes no directories: make it first, or choose another";
    }
    if (sentence.equals("split off process 1")) {
      return "with --init the seccomp profile must permit clone, kill, wait4, rt_sigprocmask and"
          + " rt_sigtimedwait";
    }
    if (errno == Errno.EXDEV && sentence.endsWith("in the root, or make it")) {
      return "a symbolic link leads it to / or into /proc, where nothing may be mounted";
    }
    if (sentence.equals("end with the init process")) {
      return "with --init and the host's pid namespace the seccomp profile must permit prctl";
    }
    if (errno == Errno.ESRCH && sentence.contains(" of container ")) {
      return ENDED;
    }
    if (sentence.equals("clone the process")) {
      return switch (errno) {
        case Errno.ENOMEM ->
            "the first process of its pid namespace has ended: start the container that has it"
                + " again";
        case Errno.EAGAIN ->
            "the container has as many processes as its pids limit, or the user as its ulimit"
                + " nproc, allows";
        case Errno.EPERM ->
            "where a container has CAP_SYS_PTRACE, its seccomp profile must permit clone and setsid"
                + " to let others join it";
        default -> "";
      };
    }
    if (sentence.contains("proc on /proc") && errno == Errno.EPERM) {
      return "the host masks parts of /proc, as unprivileged container platforms do: run the JVM"
          + " with an unmasked /proc";
    }
    if (sentence.endsWith(" in the root, or make it")) {
      return switch (errno) {
        case Errno.ENOTDIR ->
            "a file is where a directory must be: a directory cannot be mounted over a file";
        case Errno.EROFS, Errno.EACCES ->
            "what is mounted there cannot be written to: make the place beforehand, as an empty"
                + " directory or file";
        default -> "";
      };
    }
    if (sentence.startsWith("look for ") && errno == Errno.ENOENT) {
      return "a sub-path must be there when the container starts: make it first";
    }
    if (sentence.startsWith("open ")
        && sentence.contains(", to be mounted on ")
        && errno == Errno.EINVAL) {
      return "an ordinary user cannot leave out what is mounted below a directory: bind it with"
          + " that";
    }
    if (sentence.startsWith("attach the mount on ") && errno == Errno.EINVAL) {
      return "a file cannot be mounted over a directory";
    }
    if (sentence.startsWith("set RLIMIT_NOFILE ") && errno == Errno.EPERM) {
      return "the hard limit is above the sysctl fs.nr_open, or above this process's own and it"
          + " lacks CAP_SYS_RESOURCE";
    }
    if (sentence.startsWith("set RLIMIT_") && errno == Errno.EPERM) {
      return "the hard limit is above this process's own and it lacks CAP_SYS_RESOURCE";
    }
    if (sentence.startsWith("set oom_score_adj") && errno == Errno.EACCES) {
      return "lowering it below the JVM's own needs CAP_SYS_RESOURCE";
    }
    if (sentence.contains("user namespace") && errno == Errno.ENOSPC) {
      return "sysctl user.max_user_namespaces is exhausted";
    }
    if (sentence.equals("make a user namespace") && errno == Errno.EPERM) {
      return "unprivileged user namespaces are forbidden here: run as root, or see `pinnace"
          + " doctor`";
    }
    if (sentence.startsWith("find ") && errno == Errno.EXDEV) {
      return "a link of the image leads it into /proc: the image is hostile or broken";
    }
    if (sentence.contains("not a link") && (errno == Errno.ELOOP || errno == Errno.ENOTDIR)) {
      return "the image is hostile or broken";
    }
    if (sentence.equals("set the clocks' offsets") && errno == Errno.ERANGE) {
      return "with its offset a clock must not be negative, nor beyond 146 years";
    }
    if (sentence.startsWith("choose the AppArmor profile ")) {
      return switch (errno) {
        case Errno.ENOENT -> "it is not loaded: load it first (apparmor_parser -r FILE)";
        case Errno.EACCES, Errno.EPERM ->
            "the JVM is confined itself, by a profile that does not permit to change to this one";
        default -> "";
      };
    }
    if (sentence.startsWith("set io.") && (errno == Errno.ENODEV || errno == Errno.ENOTSUP)) {
      return errno == Errno.ENODEV
          ? "there is no such block device, or it is a partition: name the whole disk"
          : "the scheduler of that disk keeps no shares: choose bfq for it";
    }
    if (sentence.equals("check that the container is not paused")) {
      return "unpause it first";
    }
    return "";
  }
}
