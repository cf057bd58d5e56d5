package dev.pinnace.linux.plan;

import dev.pinnace.linux.internal.jna.Sys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One step under construction: modifiers first, then the operation, which adds it to its section.
 * Not thread-safe.
 *
 * <pre>{@code
 * steps.to("open the program's directory").into(cwd).tolerating(ENOENT).call("openat", ...);
 * }</pre>
 */
public final class StepBuilder {
  private final LaunchPlan.Builder plan;
  private final List<Step> steps;
  private final String sentence;
  private @Nullable Register to;
  private @Nullable Register guard;
  private boolean whenVoid;
  private final List<Integer> tolerated = new ArrayList<>();

  StepBuilder(LaunchPlan.Builder plan, List<Step> steps, String sentence) {
    this.plan = plan;
    this.steps = steps;
    this.sentence = sentence;
  }

  /** Its result goes to {@code register}. */
  public StepBuilder into(Register register) {
    this.to = register;
    return this;
  }

  /** It runs only when {@code register} holds a value. */
  public StepBuilder when(Register register) {
    return guard(register, false);
  }

  /** It runs only when {@code register} is void. */
  public StepBuilder unless(Register register) {
    return guard(register, true);
  }

  private StepBuilder guard(Register register, boolean isVoid) {
    if (guard != null) {
      throw new IllegalStateException(
          "\"" + sentence + "\" has the guard " + guard.render() + " already");
    }
    this.guard = register;
    this.whenVoid = isVoid;
    return this;
  }

  /** After one of these errors the plan goes on, with the result void. */
  public StepBuilder tolerating(int... errnos) {
    for (int errno : errnos) {
      tolerated.add(errno);
    }
    return this;
  }

  /** A system call by its name in the manual. */
  public void call(String name, Operand... operands) {
    add(Operation.CALL, Sys.named(name), operands);
  }

  /** Fails with {@code errno} unless the masked scratch equals {@code value}. */
  public void check(Operand.Scratch scratch, byte[] mask, byte[] value, int errno) {
    add(
        Operation.CHECK,
        null,
        scratch,
        plan.bytes(mask, "mask"),
        plan.bytes(value, PlanData.hex(value)),
        new Operand.Immediate(errno, dev.pinnace.linux.Errno.name(errno)));
  }

  /** Writes a register into scratch as four bytes. */
  public void storeInt(Register register, Operand.Scratch at) {
    add(Operation.STORE, null, register, at, new Operand.Immediate(4, "u32"));
  }

  /** Writes a register into scratch as eight bytes. */
  public void storeLong(Register register, Operand.Scratch at) {
    add(Operation.STORE, null, register, at, new Operand.Immediate(8, "u64"));
  }

  /** Writes a register into scratch as decimal digits and a NUL. */
  public void storeDecimal(Register register, Operand.Scratch at) {
    add(Operation.STORE, null, register, at, new Operand.Immediate(10, "decimal"));
  }

  /**
   * Writes {@code data} in one piece to the file at {@code path} beneath a directory whose
   * superblock has {@code magic} (0: any).
   */
  public void writeAll(Operand directory, String path, Operand data, Named magic) {
    add(
        Operation.WRITEALL,
        null,
        directory,
        plan.text(path),
        data,
        new Operand.Immediate(magic.value(), magic.name()));
  }

  /** Opens {@code path} in {@code root} as O_PATH and makes the directories that are missing. */
  public void makeDirectory(Register root, String path, int mode) {
    add(
        Operation.MKPATH,
        null,
        root,
        plan.text(path),
        Operand.mode(mode),
        new Operand.Immediate(0, "directory"));
  }

  /**
   * Opens {@code path} in {@code root} as O_PATH and makes an empty file where there is nothing.
   */
  public void makeFile(Register root, String path) {
    add(
        Operation.MKPATH,
        null,
        root,
        plan.text(path),
        Operand.mode(0755),
        new Operand.Immediate(1, "file"));
  }

  /**
   * Opens {@code path} in {@code root} as {@link #makeDirectory} or {@link #makeFile} does, and
   * fails with EXDEV where that lies on a file system whose superblock has the magic {@code
   * outside}.
   */
  public void makePlace(Register root, String path, boolean file, Named outside) {
    add(
        Operation.MKPATH,
        null,
        root,
        plan.text(path),
        Operand.mode(0755),
        file ? new Operand.Immediate(1, "file") : new Operand.Immediate(0, "directory"),
        new Operand.Immediate(outside.value(), "not on " + outside.name()));
  }

  /**
   * Covers what is at each of {@code paths} in {@code root}: a directory with the mount {@code
   * directory}, anything else with the mount {@code file}, or with copies of them. Both are
   * detached mounts. An error is tolerated of a path that leads nowhere, and of nothing else. In
   * CHILD only.
   */
  public void cover(Register root, Register directory, Register file, List<String> paths) {
    add(Operation.COVER, null, root, directory, file, plan.data().texts(paths));
  }

  /** Makes a user namespace, and with {@code network} a network namespace owned by it. */
  public void userNamespace(
      String uidMap, String gidMap, boolean denySetgroups, @Nullable Register network) {
    long flags = (denySetgroups ? 1 : 0) | (network == null ? 0 : 2);
    add(
        Operation.USERNS,
        null,
        plan.data().rawText(uidMap),
        plan.data().rawText(gidMap),
        new Operand.Immediate(
            flags, (denySetgroups ? "deny-setgroups" : "") + (network == null ? "" : "+network")),
        Operand.of(network == null ? 255 : network.number()));
  }

  /** The last step of STAGE: clones the new process into new namespaces and a cgroup. */
  public void cloneChild(Operand flags, Register cgroup) {
    add(Operation.CLONE, null, flags, cgroup);
  }

  /**
   * The last step of STAGE: clones the new process by clone(2) without flags. No descriptor is left
   * in it but those that CHILD uses, and a seccomp filter may be in force.
   */
  public void cloneChild() {
    add(Operation.CLONE, null, Operand.of(0), Operand.none());
  }

  /** Reports that this point is reached. */
  public void sync(int tag) {
    add(Operation.SYNC, null, Operand.of(tag));
  }

  /** Waits for one byte, at most {@code millis}. */
  public void await(Register descriptor, int millis) {
    add(Operation.AWAIT, null, descriptor, new Operand.Immediate(millis, millis + "ms"));
  }

  /** Waits for one byte, for however long. */
  public void awaitForever(Register descriptor) {
    add(Operation.AWAIT, null, descriptor, new Operand.Immediate(0xFFFF_FFFFL, "forever"));
  }

  /** Gives a descriptor to the supervisor: slot 0 the root directory, 1 the terminal's master. */
  public void send(Register descriptor, int slot) {
    add(Operation.SENDFD, null, descriptor, Operand.of(slot));
  }

  /** Loads a seccomp filter. */
  public void filter(byte[] program, String label, Operand flags) {
    add(Operation.FILTER, null, plan.bytes(program, label), flags);
  }

  /**
   * Lets the processes of a cgroup use those devices alone that a program of the type
   * BPF_PROG_TYPE_CGROUP_DEVICE permits; it takes the place of an earlier one. In BEFORE only.
   */
  public void devices(Register cgroup, byte[] program, String label) {
    add(Operation.DEVICES, null, cgroup, plan.bytes(program, label));
  }

  /** Splits off process 1, which reaps and passes signals on. */
  public void init() {
    add(Operation.INIT, null);
  }

  /** Becomes the program: the first of {@code candidates} that can be executed. */
  public void exec(List<String> candidates, List<String> arguments, List<String> environment) {
    add(Operation.EXEC, null, plan.data().exec(candidates, arguments, environment));
  }

  private void add(Operation operation, @Nullable Sys call, Operand... operands) {
    steps.add(
        new Step(operation, call, List.of(operands), to, guard, whenVoid, tolerated, sentence));
  }
}
