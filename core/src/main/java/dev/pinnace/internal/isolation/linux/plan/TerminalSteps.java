package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.oci.RuntimeProcess;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A pseudoterminal of the container's own devpts (pty(7)): the program gets one end, the supervisor
 * the other. No path of the container leads to it.
 */
final class TerminalSteps {
  /** In the supervisor's words: where SENDFD puts it. */
  private static final int SLOT = 1;

  private static final int OPEN_HOW = 24;
  private static final int STATFS = 120;

  private final LaunchPlan.Builder plan;
  private final Section section;
  private final RuntimeProcess process;
  private final Register slave;

  TerminalSteps(LaunchPlan.Builder plan, Section section, RuntimeProcess process) {
    this.plan = plan;
    this.section = section;
    this.process = process;
    this.slave = plan.register("terminal");
  }

  /** In a devpts that nobody else has seen yet. */
  void openIn(Register terminals) {
    Register master = plan.register("master");
    step("open a terminal")
        .into(master)
        .call(
            "openat",
            terminals,
            plan.text("ptmx"),
            Operand.flags(O_RDWR, O_NOCTTY, O_CLOEXEC),
            Operand.of(0));
    openOtherEnd(master);
  }

  /** In that of a running container, which may have mounted something over it. */
  void openBelow(Register root) {
    Register terminals = plan.register("terminals");
    Register master = plan.register("master");
    step("find the container's /dev/pts")
        .into(terminals)
        .call(
            "openat2",
            root,
            plan.text("dev/pts"),
            how(O_PATH.value() | O_DIRECTORY.value(), RESOLVE_IN_ROOT.value()),
            Operand.of(OPEN_HOW));
    Operand.Scratch kind = plan.scratch(new byte[STATFS], "statfs");
    step("ask what the container's /dev/pts is").call("fstatfs", terminals, kind);
    step("check that the container's /dev/pts has terminals")
        .check(kind.at(0, 8), word(-1), word(DEVPTS_SUPER_MAGIC.value()), Errno.ENOTTY);
    step("open a terminal")
        .into(master)
        .call(
            "openat2",
            terminals,
            plan.text("ptmx"),
            how(
                O_RDWR.value() | O_NOCTTY.value(),
                RESOLVE_NO_XDEV.value() | RESOLVE_NO_SYMLINKS.value()),
            Operand.of(OPEN_HOW));
    openOtherEnd(master);
  }

  /** struct open_how of openat2(2). */
  private Operand how(long flags, long resolve) {
    byte[] bytes =
        ByteBuffer.allocate(OPEN_HOW)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(flags | O_CLOEXEC.value())
            .putLong(0)
            .putLong(resolve)
            .array();
    return plan.bytes(bytes, String.format("{0x%x|O_CLOEXEC, 0, 0x%x}", flags, resolve));
  }

  private static byte[] word(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private void openOtherEnd(Register master) {
    step("unlock the terminal")
        .call("ioctl", master, Operand.flags(TIOCSPTLCK), plan.bytes(new byte[4], "{0}"));
    step("open the terminal's other end")
        .into(slave)
        .call(
            "ioctl",
            master,
            Operand.flags(TIOCGPTPEER),
            Operand.flags(O_RDWR, O_NOCTTY, O_CLOEXEC));
    process.consoleSize().ifPresent(size -> resize(master, size));
    if (process.user().uid() != 0) {
      step("give the terminal to user " + process.user().uid())
          .call(
              "fchown",
              slave,
              Operand.of(process.user().uid()),
              new Operand.Immediate(0xFFFF_FFFFL, "-1"));
    }
    step("hand the terminal over").send(master, SLOT);
    step("close the terminal's first end").call("close", master);
  }

  private void resize(Register master, RuntimeProcess.ConsoleSize size) {
    byte[] winsize =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) size.height())
            .putShort((short) size.width())
            .array();
    String label = "{" + size.height() + ", " + size.width() + "}";
    step("set the terminal's size")
        .call("ioctl", master, Operand.flags(TIOCSWINSZ), plan.bytes(winsize, label));
  }

  /** Binds the terminal on /dev/console, as the kernel's is not the container's. */
  void bindConsole(Register dev) {
    Register copy = plan.register("console");
    Register at = plan.register("consoleat");
    step("make a place for /dev/console").into(at).makeFile(dev, "console");
    step("take the terminal for /dev/console")
        .into(copy)
        .call(
            "open_tree",
            slave,
            plan.text(""),
            Operand.flags(OPEN_TREE_CLONE, OPEN_TREE_CLOEXEC, AT_EMPTY_PATH));
    step("mount /dev/console")
        .call(
            "move_mount",
            copy,
            plan.text(""),
            at,
            plan.text(""),
            Operand.flags(MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH));
  }

  /** Instead of pipes. */
  void standardStreams() {
    String[] names = {"input", "output", "error"};
    for (int i = 0; i < names.length; i++) {
      step("connect standard " + names[i] + " to the terminal")
          .call("dup3", slave, Operand.of(i), Operand.of(0));
    }
  }

  /**
   * By the leader of a session without a terminal, that standard input is: from then on its keys
   * are signals (setsid(2), ioctl_tty(2)).
   *
   * @param where the program's process, which may be another than the one that opened it
   */
  static void control(LaunchPlan.Steps where) {
    where
        .to("take the terminal as the session's own")
        .call("ioctl", Operand.of(0), Operand.flags(TIOCSCTTY), Operand.of(0));
  }

  private StepBuilder step(String sentence) {
    return plan.in(section).to(sentence);
  }
}
