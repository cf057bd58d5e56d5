package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.seccomp.Abi;
import dev.pinnace.linux.seccomp.AbiFilter;
import dev.pinnace.linux.seccomp.FilterCompiler;
import dev.pinnace.linux.seccomp.SeccompAction;
import dev.pinnace.linux.seccomp.SyscallRule;
import dev.pinnace.linux.seccomp.SyscallTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each operation of a plan does, seen from outside. */
@Tag("vm-too")
class LauncherStepsTest {
  private static final int CHILD = 4;

  @TempDir Path directory;

  /** Runs a script after the steps, and returns what it wrote. */
  private String output(Consumer<LaunchPlan.Builder> steps, String script) throws IOException {
    try (Launched launched = Launched.of(directory, plan(steps, script))) {
      Launched.ExitBytes record = launched.end();
      assertThat(record.flags()).as("flags of the record").isZero();
      return launched.output(1);
    }
  }

  private static LaunchPlan plan(Consumer<LaunchPlan.Builder> steps, String script) {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    TestPlans.clone(plan);
    TestPlans.streams(plan);
    steps.accept(plan);
    TestPlans.shell(plan, script);
    return plan.build();
  }

  /** Runs the steps, of which the last fails, and returns its errno. */
  private int failure(Consumer<LaunchPlan.Builder> steps) throws IOException {
    LaunchPlan plan = plan(steps, "exit 0");
    try (Launched launched = Launched.of(directory, plan)) {
      Launched.Frame failed = launched.await(Launched.FAILED);
      assertThat(failed.word(0)).isEqualTo(CHILD);
      assertThat(plan.sentence(failed.word(1))).isEqualTo("fail");
      Launched.ExitBytes record = launched.end();
      assertThat(record.isWhole()).isTrue();
      assertThat(record.flags()).isEqualTo(16);
      return failed.word(2);
    }
  }

  private static void open(LaunchPlan.Builder plan, Register into, Path path) {
    TestPlans.child(plan, "open " + path)
        .into(into)
        .call(
            "openat",
            TestPlans.HERE,
            plan.text(path.toString()),
            Operand.flags(Constants.O_PATH, Constants.O_CLOEXEC),
            Operand.of(0));
  }

  @Test
  void exec_passesArgumentsAndEnvironment() throws IOException {
    assertThat(output(plan -> {}, "echo $0 $A")).isEqualTo("sh b\n");
  }

  @Test
  void exec_remembersAccessOverAbsence() throws IOException {
    Path file = Files.createFile(directory.resolve("plain"));
    int errno =
        failure(
            plan ->
                TestPlans.child(plan, "fail")
                    .exec(List.of(file.toString(), "/nonexistent"), List.of("x"), List.of()));
    assertThat(errno).isEqualTo(Errno.EACCES);
  }

  @Test
  void exec_triesAllPlaces() throws IOException {
    List<String> places = new ArrayList<>(Collections.nCopies(1023, "/nonexistent"));
    places.add("/bin/sh");
    Consumer<LaunchPlan.Builder> far =
        plan ->
            TestPlans.child(plan, "execute")
                .exec(places, List.of("sh", "-c", "echo $0 $1", "far", "there"), List.of("A=b"));
    assertThat(output(far, "exit 1")).isEqualTo("far there\n");
  }

  @Test
  void exec_ofNothing_givesCode127() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    TestPlans.clone(plan);
    TestPlans.child(plan, "execute").exec(List.of("/nonexistent"), List.of("x"), List.of());
    try (Launched launched = Launched.of(directory, plan.build())) {
      assertThat(launched.end().code()).isEqualTo(127);
    }
  }

  @Test
  void call_failing_namesItsStep() throws IOException {
    int errno =
        failure(plan -> TestPlans.child(plan, "fail").call("chdir", plan.text("/nonexistent")));
    assertThat(errno).isEqualTo(Errno.ENOENT);
  }

  @Test
  void toleratedErrorsAndVoidRegisters_skipWhatUsesThem() throws IOException {
    String where =
        output(
            plan -> {
              Register absent = plan.register("absent");
              TestPlans.child(plan, "look")
                  .into(absent)
                  .tolerating(Errno.ENOENT)
                  .call(
                      "openat",
                      TestPlans.HERE,
                      plan.text("/nonexistent"),
                      Operand.of(0),
                      Operand.of(0));
              TestPlans.child(plan, "use it").call("fchdir", absent);
              TestPlans.child(plan, "if there").when(absent).call("chdir", plan.text("/bad"));
              TestPlans.child(plan, "if not").unless(absent).call("chdir", plan.text("/usr"));
            },
            "pwd");
    assertThat(where).isEqualTo("/usr\n");
  }

  @Test
  void check_comparesUnderItsMask() throws IOException {
    Consumer<LaunchPlan.Builder> right = plan -> check(plan, "look", (byte) '/');
    assertThat(output(right, "echo ok")).isEqualTo("ok\n");
    assertThat(failure(plan -> check(plan, "fail", (byte) 'x'))).isEqualTo(Errno.EXDEV);
  }

  private static void check(LaunchPlan.Builder plan, String sentence, byte first) {
    Operand.Scratch where = plan.scratch(new byte[4096], "where");
    TestPlans.child(plan, "getcwd").call("getcwd", where, Operand.of(4096));
    byte[] mask = {(byte) 0xFF, 0};
    TestPlans.child(plan, sentence).check(where.at(0, 2), mask, new byte[] {first, 0}, Errno.EXDEV);
  }

  @Test
  void store_writesADescriptorsPath() throws IOException {
    Files.writeString(directory.resolve("file"), "content");
    String text =
        output(
            plan -> {
              Register file = plan.register("file");
              open(plan, file, directory);
              byte[] image = new byte[64];
              byte[] prefix = "/proc/self/fd/".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
              System.arraycopy(prefix, 0, image, 0, prefix.length);
              Operand.Scratch path = plan.scratch(image, "path");
              TestPlans.child(plan, "store").storeDecimal(file, path.at(prefix.length, 21));
              TestPlans.child(plan, "go there").call("chdir", path);
            },
            "cat file");
    assertThat(text).isEqualTo("content");
  }

  @Test
  void writeAll_staysBeneathItsDirectory() throws IOException {
    Files.writeString(directory.resolve("file"), "0123456789");
    Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
    output(plan -> write(plan, "write", "file", Constants.ANY), "true");
    assertThat(directory.resolve("file")).hasContent("abc3456789");
    assertThat(failure(plan -> write(plan, "fail", "link", Constants.ANY))).isEqualTo(Errno.ELOOP);
    assertThat(failure(plan -> write(plan, "fail", "../x", Constants.ANY))).isEqualTo(Errno.EXDEV);
    assertThat(failure(plan -> write(plan, "fail", "file", Constants.PROC_SUPER_MAGIC)))
        .isEqualTo(Errno.EXDEV);
  }

  private void write(LaunchPlan.Builder plan, String sentence, String path, Named magic) {
    Register root = plan.register("root");
    open(plan, root, directory);
    TestPlans.child(plan, sentence).writeAll(root, path, plan.data("abc"), magic);
  }

  @Test
  void writeAll_followsProcSelf() throws IOException {
    String adjustment =
        output(
            plan -> {
              Register proc = plan.register("proc");
              open(plan, proc, Path.of("/proc"));
              TestPlans.child(plan, "be traceable, or only root may write there")
                  .call("prctl", Operand.flags(Constants.PR_SET_DUMPABLE), Operand.of(1));
              TestPlans.child(plan, "adjust")
                  .writeAll(
                      proc, "self/oom_score_adj", plan.data("77"), Constants.PROC_SUPER_MAGIC);
            },
            "cat /proc/self/oom_score_adj");
    assertThat(adjustment).isEqualTo("77\n");
  }

  @Test
  void makePath_followsLinksInsideItsRootOnly() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(root.resolve("run"));
    Files.createDirectories(root.resolve("var"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("/run"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("/../../run/deep"));
    output(
        plan -> {
          Register at = plan.register("root");
          open(plan, at, root);
          TestPlans.child(plan, "make").makeDirectory(at, "var/run/a/./b//c", 0711);
          TestPlans.child(plan, "make").makeFile(at, "/var/run/d/file");
        },
        "true");
    assertThat(root.resolve("run/a/b/c")).isDirectory();
    assertThat(root.resolve("run/d/file")).isRegularFile().isEmptyFile();
    assertThat(Files.getPosixFilePermissions(root.resolve("run/a"))).hasSize(5);
    Files.delete(root.resolve("var/run"));
  }

  @Test
  void makePath_makesWhatALinkLeadsTo_inItsRootOnly() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(root.resolve("etc"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("/../../run/deep"));
    Files.createSymbolicLink(root.resolve("etc/resolv.conf"), Path.of("../run/systemd/stub.conf"));
    Files.createSymbolicLink(root.resolve("first"), Path.of("second/a"));
    Files.createSymbolicLink(root.resolve("second"), Path.of("etc/third"));
    Files.createSymbolicLink(root.resolve("etc/round"), Path.of("/etc/round"));
    output(
        plan -> {
          Register at = plan.register("root");
          open(plan, at, root);
          TestPlans.child(plan, "make").makeDirectory(at, "out/x/../y", 0755);
          TestPlans.child(plan, "make").makeDirectory(at, "../../up", 0755);
          TestPlans.child(plan, "make").makeFile(at, "etc/resolv.conf");
          TestPlans.child(plan, "make").makeFile(at, "first/b");
        },
        "true");
    assertThat(root.resolve("run/deep/x")).isDirectory();
    assertThat(root.resolve("run/deep/y")).isDirectory();
    assertThat(root.resolve("up")).isDirectory();
    assertThat(root.resolve("run/systemd/stub.conf")).isRegularFile();
    assertThat(root.resolve("etc/third/a/b")).isRegularFile();
    assertThat(failure(plan -> makeUnder(plan, root, "etc/round"))).isEqualTo(Errno.ELOOP);
    String far = "a".repeat(200) + "/" + ("b".repeat(200) + "/").repeat(18);
    Files.createSymbolicLink(root.resolve("far"), Path.of(far));
    assertThat(failure(plan -> makeUnder(plan, root, "far/" + "c/".repeat(300))))
        .isEqualTo(Errno.ENAMETOOLONG);
    for (String link : List.of("out", "etc/resolv.conf", "first", "second", "etc/round", "far")) {
      Files.delete(root.resolve(link));
    }
  }

  private static void makeUnder(LaunchPlan.Builder plan, Path root, String path) {
    Register at = plan.register("root");
    open(plan, at, root);
    TestPlans.child(plan, "fail").makeDirectory(at, path, 0755);
  }

  private static void mountNamespace(LaunchPlan.Builder plan) {
    TestPlans.child(plan, "go into a mount namespace of its own")
        .call("unshare", Operand.flags(Constants.CLONE_NEWNS));
    TestPlans.child(plan, "make it private")
        .call(
            "mount",
            Operand.none(),
            plan.text("/"),
            Operand.none(),
            Operand.flags(Constants.MS_REC, Constants.MS_PRIVATE),
            Operand.none());
  }

  private static Register detached(LaunchPlan.Builder plan, String name, Path source) {
    Register mount = plan.register(name);
    TestPlans.child(plan, "copy " + source)
        .into(mount)
        .call(
            "open_tree",
            TestPlans.HERE,
            plan.text(source.toString()),
            Operand.flags(Constants.OPEN_TREE_CLONE, Constants.OPEN_TREE_CLOEXEC));
    return mount;
  }

  private void cover(
      LaunchPlan.Builder plan, String sentence, Path root, List<String> paths, int... tolerated) {
    mountNamespace(plan);
    Register empty = detached(plan, "emptydir", directory.resolve("empty"));
    Register nothing = detached(plan, "nothing", Path.of("/dev/null"));
    Register at = plan.register("root");
    open(plan, at, root);
    TestPlans.child(plan, sentence).tolerating(tolerated).cover(at, empty, nothing, paths);
  }

  @Test
  void cover_hidesManyDirectoriesAndFiles() throws IOException {
    assumeTrue(isRoot(), "needs root: mounts");
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(directory.resolve("empty"));
    List<String> paths = new ArrayList<>(List.of("missing", "f0/below", "link/to/nothing"));
    for (int i = 0; i < 512; i++) {
      Files.createDirectories(root.resolve("d" + i + "/secret"));
      Files.writeString(root.resolve("f" + i), "secret");
      paths.addAll(List.of("d" + i, "f" + i));
    }
    Files.createDirectories(root.resolve("outside/secret"));
    Files.createSymbolicLink(root.resolve("link"), Path.of("../../outside"));
    paths.add("link");
    String script = "cd '" + root + "'; ls d* outside | grep secret; cat f*; stat -c %t:%T f511";
    assertThat(
            output(plan -> cover(plan, "hide", root, paths, Errno.ENOENT, Errno.ENOTDIR), script))
        .isEqualTo("1:3\n");
    assertThat(root.resolve("d511/secret")).isDirectory();
    assertThat(root.resolve("f511")).hasContent("secret");
    Files.delete(root.resolve("link"));
  }

  @Test
  void cover_toleratesAbsenceAlone() throws IOException {
    assumeTrue(isRoot(), "needs root: mounts");
    Files.createDirectories(directory.resolve("empty"));
    Path root = Files.createDirectories(directory.resolve("root"));
    Files.createDirectories(root.resolve("d"));
    assertThat(failure(plan -> cover(plan, "fail", root, List.of("d", "missing"))))
        .isEqualTo(Errno.ENOENT);
    // A file cannot cover a directory.
    assertThat(
            failure(
                plan -> {
                  mountNamespace(plan);
                  Register at = plan.register("root");
                  open(plan, at, root);
                  Register nothing = detached(plan, "nothing", Path.of("/dev/null"));
                  TestPlans.child(plan, "fail")
                      .tolerating(Errno.EINVAL)
                      .cover(at, nothing, nothing, List.of("d"));
                }))
        .isEqualTo(Errno.EINVAL);
  }

  @Test
  void makePath_onAForbiddenFileSystem_fails() throws IOException {
    Path root = Files.createDirectories(directory.resolve("root"));
    assertThat(
            failure(
                plan -> {
                  Register at = plan.register("root");
                  open(plan, at, Path.of("/"));
                  TestPlans.child(plan, "fail")
                      .makePlace(at, "proc/self", false, Constants.PROC_SUPER_MAGIC);
                }))
        .isEqualTo(Errno.EXDEV);
    output(
        plan -> {
          Register at = plan.register("root");
          open(plan, at, root);
          TestPlans.child(plan, "make").makePlace(at, "a/b", true, Constants.PROC_SUPER_MAGIC);
        },
        "true");
    assertThat(root.resolve("a/b")).isRegularFile();
  }

  @Test
  void register_takenAgain_closesWhatItHeld() throws IOException {
    String open =
        output(
            plan -> {
              for (int i = 0; i < 2000; i++) {
                Register again = plan.register("again");
                TestPlans.child(plan, "open /")
                    .into(again)
                    .call("openat", TestPlans.HERE, plan.text("/"), Operand.of(0), Operand.of(0));
              }
            },
            "ls /proc/self/fd | wc -l");
    // The three streams, the last one, and the listing.
    assertThat(open).isEqualTo("5\n");
  }

  @Test
  void userNamespace_hasItsMapAndNetwork() throws IOException {
    assumeTrue(isRoot(), "needs root: a map of many ids");
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    plan.in(Section.PREPARE)
        .to("make it")
        .into(Register.USERNS)
        .userNamespace("0 100000 1000", "0 100000 1000", true, Register.NETNS);
    plan.in(Section.STAGE)
        .to("join it")
        .call("setns", Register.USERNS, Operand.flags(Constants.CLONE_NEWUSER));
    plan.in(Section.STAGE)
        .to("join its network")
        .call("setns", Register.NETNS, Operand.flags(Constants.CLONE_NEWNET));
    TestPlans.clone(plan);
    TestPlans.streams(plan);
    Operand zero = Operand.of(0);
    TestPlans.child(plan, "become root").call("setresuid", zero, zero, zero);
    TestPlans.shell(
        plan, "cat /proc/self/uid_map /proc/self/setgroups; readlink /proc/self/ns/net");
    try (Launched launched = Launched.of(directory, plan.build())) {
      launched.end();
      List<String> words = List.of(launched.output(1).strip().split("\\s+"));
      assertThat(words).startsWith("0", "100000", "1000", "deny");
      assertThat(words.get(4))
          .startsWith("net:")
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString());
    }
  }

  static boolean isRoot() {
    return Boolean.TRUE.equals(Files.isWritable(Path.of("/proc/sys/kernel/hostname")));
  }

  @Test
  void await_timesOutAndSeesTheEnd() throws IOException {
    assertThat(failure(plan -> TestPlans.child(plan, "fail").await(Register.GATE, 20)))
        .isEqualTo(Errno.ETIMEDOUT);
    assertThat(failure(plan -> TestPlans.child(plan, "fail").await(Register.STDIN, 2000)))
        .isEqualTo(Errno.EPIPE);
  }

  @Test
  void filter_isInForceInTheProgram() throws IOException {
    // Everything is allowed, but the filter is there.
    byte[] allow = {6, 0, 0, 0, 0, 0, (byte) 0xFF, 0x7F};
    String status =
        output(
            plan -> {
              TestPlans.child(plan, "forbid new privileges")
                  .call(
                      "prctl",
                      Operand.flags(Constants.PR_SET_NO_NEW_PRIVS),
                      Operand.of(1),
                      Operand.of(0),
                      Operand.of(0),
                      Operand.of(0));
              TestPlans.child(plan, "filter").filter(allow, "allow", Operand.of(0));
            },
            "grep Seccomp: /proc/self/status");
    assertThat(status).isEqualTo("Seccomp:\t2\n");
  }

  /** All is allowed but clone3, which fails with ENOSYS as it does in Docker's profile. */
  private static byte[] withoutClone3() {
    Abi abi = Abi.nativeOf(Kernel.architecture());
    int clone3 = SyscallTable.of(abi).number("clone3").orElseThrow();
    SyscallRule refused = new SyscallRule(List.of(), SeccompAction.errno(Errno.ENOSYS));
    SeccompAction allow = SeccompAction.ALLOW;
    return FilterCompiler.compile(
            List.of(
                new AbiFilter(
                    abi, new TreeMap<>(Map.of(clone3, List.of(refused))), allow, clone3, allow)),
            allow)
        .encode();
  }

  @Test
  void clone_withoutNamespaces_underAFilterAndWithNothingLeftOpen() throws IOException {
    LaunchPlan.Builder plan = LaunchPlan.builder().policy(TestPlans.policy().build());
    LaunchPlan.Steps stage = plan.in(Section.STAGE);
    for (int i = 0; i < 3; i++) {
      Register stream = List.of(Register.STDIN, Register.STDOUT, Register.STDERR).get(i);
      stage.to("connect " + i).call("dup3", stream, Operand.of(i), Operand.of(0));
    }
    stage
        .to("open what does not close itself")
        .into(plan.register("left"))
        .call(
            "openat",
            TestPlans.HERE,
            plan.text("/"),
            Operand.flags(Constants.O_PATH),
            Operand.of(0));
    stage.to("filter").filter(withoutClone3(), "no clone3", Operand.of(0));
    stage.to("clone").cloneChild();
    TestPlans.shell(plan, "ls /proc/self/fd; grep Seccomp: /proc/self/status");
    try (Launched launched = Launched.of(directory, plan.build())) {
      assertThat(launched.end().code()).isZero();
      assertThat(launched.output(1)).isEqualTo("0\n1\n2\n3\nSeccomp:\t2\n");
    }
  }

  @Test
  void init_reapsAndLeavesAsItsChild() throws IOException {
    LaunchPlan plan =
        plan(p -> TestPlans.child(p, "split").init(), "sh -c '(sleep 0.01; exit 4) &'; exit 9");
    try (Launched launched = Launched.of(directory, plan)) {
      assertThat(launched.end().code()).isEqualTo(9);
    }
  }

  @Test
  void program_inheritsNothing() throws IOException {
    String inside =
        output(
            plan -> {},
            "ls /proc/self/fd; umask; ulimit -Sn; grep -E 'Sig(Blk|Ign)|CapInh' /proc/self/status");
    // 3 is the directory that ls reads.
    assertThat(inside.split("\\s+"))
        .startsWith("0", "1", "2", "3", "0022")
        .contains("SigBlk:", "0000000000000000", "SigIgn:", "CapInh:");
    assertThat(inside).containsPattern("SigBlk:\\s0{16}").containsPattern("SigIgn:\\s0{16}");
  }
}
