package dev.pinnace.internal.isolation.linux.plan;

import static dev.pinnace.linux.plan.Constants.*;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.LaunchPlan;
import dev.pinnace.linux.plan.Operand;
import dev.pinnace.linux.plan.Register;
import dev.pinnace.linux.plan.Section;
import dev.pinnace.linux.plan.StepBuilder;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.oci.RuntimeProcess.Rlimit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The last steps before the program: descriptors, directory, limits, credentials. The same for a
 * container and an exec.
 */
final class ProcessSteps {
  private static final int MAX_DESCRIPTOR = -1;
  private static final int OPEN_HOW = 24;

  private final LaunchPlan.Builder plan;
  private final Section section;
  private final RuntimeProcess process;
  private final HostFacts host;
  private final Register root;
  private final boolean setgroupsDenied;

  ProcessSteps(
      LaunchPlan.Builder plan,
      Section section,
      RuntimeProcess process,
      HostFacts host,
      Register root,
      boolean setgroupsDenied) {
    this.plan = plan;
    this.section = section;
    this.process = process;
    this.host = host;
    this.root = root;
    this.setgroupsDenied = setgroupsDenied;
  }

  void standardStreams() {
    Register[] streams = {Register.STDIN, Register.STDOUT, Register.STDERR};
    String[] names = {"input", "output", "error"};
    for (int i = 0; i < streams.length; i++) {
      step("connect standard " + names[i]).call("dup3", streams[i], Operand.of(i), Operand.of(0));
    }
  }

  /** Opens the working directory, and makes it where it is missing. */
  void makeWorkingDirectory() {
    step("find the working directory " + process.cwd() + ", or make it")
        .into(workingDirectory())
        .makeDirectory(root, relativeDirectory(), 0755);
  }

  /** Opens the working directory, and makes nothing. */
  void openWorkingDirectory() {
    step("find the working directory " + process.cwd())
        .into(workingDirectory())
        .call("openat2", root, plan.text(relativeDirectory()), openHow(), Operand.of(OPEN_HOW));
  }

  private Register workingDirectory() {
    return plan.register("cwd");
  }

  private String relativeDirectory() {
    String relative = process.cwd().substring(1);
    return relative.isEmpty() ? "." : relative;
  }

  /** struct open_how of openat2(2): flags, mode, resolve. */
  private Operand openHow() {
    byte[] how =
        ByteBuffer.allocate(OPEN_HOW)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(O_PATH.value() | O_DIRECTORY.value() | O_CLOEXEC.value())
            .putLong(0)
            .putLong(RESOLVE_IN_ROOT.value() | RESOLVE_NO_MAGICLINKS.value())
            .array();
    return plan.bytes(
        how, "{O_PATH|O_DIRECTORY|O_CLOEXEC, 0, RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS}");
  }

  /**
   * Goes to what was opened. That is a directory in the root, but the kernel is asked where that
   * is: it must not be outside (CVE-2024-21626).
   */
  void enterWorkingDirectory() {
    Operand.Scratch where = plan.scratch(new byte[4096], "getcwd");
    step("go to the working directory " + process.cwd()).call("fchdir", workingDirectory());
    step("ask for the working directory").call("getcwd", where, Operand.of(where.extent()));
    step("check that the working directory lies in the container")
        .check(where.at(0, 1), new byte[] {(byte) 0xFF}, new byte[] {'/'}, Errno.EXDEV);
  }

  void closeDescriptors() {
    step("mark all other descriptors to be closed")
        .call(
            "close_range",
            Operand.of(3),
            new Operand.Immediate(MAX_DESCRIPTOR & 0xFFFF_FFFFL, "~0"),
            Operand.flags(CLOSE_RANGE_CLOEXEC));
  }

  void limits() {
    for (Rlimit limit : process.rlimits()) {
      step("set " + limit.type() + " to " + limit.soft() + ":" + limit.hard())
          .call(
              "prlimit64",
              Operand.of(0),
              new Operand.Immediate(Rlimits.number(limit.type()), limit.type()),
              Rlimits.pair(plan, limit.soft(), limit.hard()),
              Operand.none());
    }
  }

  /** Becomes the user, with all capabilities until {@link #capabilities}. */
  void identity() {
    step("set the file mode mask").call("umask", Operand.mode(process.user().umask()));
    dropBounding();
    becomeUser();
  }

  /** After the change of user, which would undo it, and in a child once more: prctl(2). */
  void endWithParent(String parent) {
    step("end with " + parent)
        .call(
            "prctl",
            Operand.flags(PR_SET_PDEATHSIG),
            Operand.flags(SIGKILL),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
  }

  /** The final capabilities, and last the filter, which need not permit what comes before. */
  void capabilities(Optional<FilterProgram> seccomp) {
    boolean privilegedFilter = seccomp.isPresent() && !process.noNewPrivileges();
    capset(privilegedFilter ? Set.of(Capability.SYS_ADMIN) : Set.of());
    raiseAmbient();
    if (process.noNewPrivileges()) {
      step("forbid new privileges")
          .call(
              "prctl",
              Operand.flags(PR_SET_NO_NEW_PRIVS),
              Operand.of(1),
              Operand.of(0),
              Operand.of(0),
              Operand.of(0));
    }
    filter(seccomp);
    if (privilegedFilter) {
      capset(Set.of());
    }
  }

  private void raiseAmbient() {
    for (String name : sorted(process.capabilities().ambient())) {
      step("raise the ambient " + name)
          .call(
              "prctl",
              Operand.flags(PR_CAP_AMBIENT),
              Operand.flags(PR_CAP_AMBIENT_RAISE),
              number(name),
              Operand.of(0),
              Operand.of(0));
    }
  }

  private void dropBounding() {
    Set<Capability> kept = Capability.parseAll(process.capabilities().bounding());
    for (Capability capability : Capability.values()) {
      if (capability.number() <= host.lastCapability() && !kept.contains(capability)) {
        step("drop " + capability.capName() + " for good")
            .call(
                "prctl",
                Operand.flags(PR_CAPBSET_DROP),
                new Operand.Immediate(capability.number(), capability.capName()),
                Operand.of(0),
                Operand.of(0),
                Operand.of(0));
      }
    }
  }

  private void becomeUser() {
    List<Long> groups = process.user().additionalGids();
    // The user's own group comes with setresgid alone.
    if (setgroupsDenied && !groups.stream().allMatch(own -> own == process.user().gid())) {
      throw new InvalidSpecException(
          "the additional groups "
              + groups
              + " cannot be set where one group alone is mapped: map more, or leave them out");
    }
    if (!setgroupsDenied) {
      ByteBuffer list =
          ByteBuffer.allocate(Math.max(4, 4 * groups.size())).order(ByteOrder.LITTLE_ENDIAN);
      groups.forEach(g -> list.putInt(g.intValue()));
      step("set the additional groups " + groups)
          .call(
              "setgroups", Operand.of(groups.size()), plan.bytes(list.array(), groups.toString()));
    }
    Operand gid = Operand.of(process.user().gid());
    Operand uid = Operand.of(process.user().uid());
    step("become group " + gid.render()).call("setresgid", gid, gid, gid);
    step("keep capabilities over the change of user")
        .call(
            "prctl",
            Operand.flags(PR_SET_KEEPCAPS),
            Operand.of(1),
            Operand.of(0),
            Operand.of(0),
            Operand.of(0));
    step("become user " + uid.render()).call("setresuid", uid, uid, uid);
  }

  /**
   * struct __user_cap_header_struct, version 3, and two struct __user_cap_data_struct of capset(2).
   */
  private void capset(Set<Capability> besides) {
    List<Capability> permitted =
        new ArrayList<>(Capability.parseAll(process.capabilities().permitted()));
    List<Capability> effective =
        new ArrayList<>(Capability.parseAll(process.capabilities().effective()));
    permitted.addAll(besides);
    effective.addAll(besides);
    long[] sets = {
      Capability.mask(effective),
      Capability.mask(permitted),
      Capability.mask(Capability.parseAll(process.capabilities().inheritable()))
    };
    byte[] header =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(0x20080522).array();
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    for (int half = 0; half < 2; half++) {
      for (long set : sets) {
        data.putInt((int) (set >>> (32 * half)));
      }
    }
    step(besides.isEmpty()
            ? "take the final capabilities"
            : "take the final capabilities, and those to load a seccomp filter")
        .call(
            "capset",
            plan.bytes(header, "{_LINUX_CAPABILITY_VERSION_3, 0}"),
            plan.bytes(
                data.array(),
                String.format(
                    "{effective 0x%x, permitted 0x%x, inheritable 0x%x}",
                    sets[0], sets[1], sets[2])));
  }

  private void filter(Optional<FilterProgram> seccomp) {
    seccomp.ifPresent(
        filter ->
            step("load the seccomp filter")
                .filter(
                    filter.code(), filter.length() + " instructions", Operand.of(filter.flags())));
  }

  void exec() {
    String program = process.args().get(0);
    List<String> candidates = new ArrayList<>();
    if (program.contains("/")) {
      candidates.add(program);
    } else {
      for (String directory : ContainerPlan.environmentPath(process.env())) {
        candidates.add((directory.isEmpty() ? "." : directory) + "/" + program);
      }
      if (candidates.isEmpty()) {
        // To the kernel an empty name is one of no file.
        candidates.add("");
      }
    }
    step("execute " + program).exec(candidates, process.args(), process.env());
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  private static Operand number(String capability) {
    Capability parsed = Capability.parse(capability);
    return new Operand.Immediate(parsed.number(), parsed.capName());
  }

  private StepBuilder step(String sentence) {
    return plan.in(section).to(sentence);
  }
}
