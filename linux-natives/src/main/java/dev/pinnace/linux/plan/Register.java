package dev.pinnace.linux.plan;

/**
 * One of a plan's 64 registers. Those below 16 have a meaning of their own (docs/formats.md), the
 * last is kept for {@link LaunchPlan#haltingBefore}; others are made by {@link
 * LaunchPlan.Builder#register}.
 *
 * @param number 0 to 63
 * @param name as the rendering shows it
 */
public record Register(int number, String name) implements Operand {
  /** The descriptor for standard input. */
  public static final Register STDIN = new Register(0, "stdin");

  /** The descriptor for standard output. */
  public static final Register STDOUT = new Register(1, "stdout");

  /** The descriptor for standard error. */
  public static final Register STDERR = new Register(2, "stderr");

  /** The read end of the pipe that START opens. */
  public static final Register GATE = new Register(3, "gate");

  /** The container's cgroup directory. */
  public static final Register CGROUP = new Register(4, "cgroup");

  /** In an exec's plan, a pidfd of the container's first process. */
  public static final Register INIT = new Register(5, "init");

  /** The container's user namespace. */
  public static final Register USERNS = new Register(6, "userns");

  /** The container's network namespace. */
  public static final Register NETNS = new Register(7, "netns");

  /** The container's time namespace. */
  public static final Register TIMENS = new Register(8, "timens");

  /** A pidfd of a process whose pid namespace the container joins. */
  public static final Register JOINED_PID = new Register(9, "joinedpid");

  /** A pidfd of a process whose IPC namespace the container joins. */
  public static final Register JOINED_IPC = new Register(10, "joinedipc");

  /** A pidfd of a process whose UTS namespace the container joins. */
  public static final Register JOINED_UTS = new Register(11, "joineduts");

  static final int FIRST_FREE = 16;
  static final int COUNT = 64;

  /** What a plan that is halted for a test waits on; no plan of its own has it. */
  static final Register HALT = new Register(COUNT - 1, "halt");

  public Register {
    if (number < 0 || number >= COUNT) {
      throw new IllegalArgumentException("a plan has registers 0 to 63, not " + number);
    }
  }

  @Override
  public String render() {
    return "$" + name;
  }
}
