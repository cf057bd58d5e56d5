package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Call;
import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.needs.Needs;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Needs("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PinnaceScriptTest {
  private static final String LOOP = "while :; do sleep 0.05; done";

  private Path home = Path.of("");
  private Script script = new Script(home);

  @BeforeAll
  void makeImage(@TempDir Path directory) throws Exception {
    home = directory;
    script = new Script(home);
    Result made = script.pinnace("import-host", "-t", "tools", "sh", "sleep", "cat", "id");
    assertThat(made.err()).isEqualTo("pinnace: the image is called tools:latest\n");
    assertThat(made.line()).startsWith("sha256:");
  }

  @AfterEach
  void removeContainers() throws Exception {
    for (String id : script.pinnace("ps", "-aq").out().lines().toList()) {
      assertThat(script.pinnace("rm", "-f", id).code()).isZero();
    }
  }

  @AfterAll
  void removeImage() throws Exception {
    assertThat(script.pinnace("rmi", "tools").out())
        .startsWith("Untagged: tools:latest\nDeleted: sha256:");
    assertThat(script.pinnace("images", "-q").out()).isEmpty();
  }

  @Test
  void removedDirectory_isNamed(@TempDir Path gone) throws Exception {
    Result result = script.after("mkdir " + gone + "/d && cd " + gone + "/d && rmdir ../d", "ps");
    assertThat(result.code()).isEqualTo(125);
    assertThat(result.err()).contains("the current directory has been removed");
  }

  @Test
  void run_programThatFails_exitCodeIsTheContainers() throws Exception {
    assertThat(script.pinnace("run", "--rm", "tools", "sh", "-c", "exit 0").code()).isZero();
    assertThat(script.pinnace("run", "--rm", "tools", "sh", "-c", "exit 3").code()).isEqualTo(3);
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  /** A root below whatever directory it is called in would be another one each time. */
  @Test
  void unknownUserWithoutAHome_isToldToSetOne(@TempDir Path programs) throws Exception {
    Path id = programs.resolve("id");
    Files.writeString(id, "#!/bin/sh\n[ \"$1\" = -u ] && echo 4321\n");
    Files.setPosixFilePermissions(id, PosixFilePermissions.fromString("rwxr-xr-x"));
    String path = programs + ":" + System.getenv("PATH");
    Result homeless = script.call("pinnace", "", Map.of("PATH", path, "HOME", ""), "ps");
    assertThat(homeless.code()).isEqualTo(125);
    assertThat(homeless.err())
        .startsWith("pinnace: HOME is not set, and the user 4321 is not in the passwd file: set");
    Map<String, String> housed = Map.of("PATH", path, "HOME", programs.toString());
    assertThat(script.call("pinnace", "", housed, "ps").code()).isZero();
  }

  @Test
  void cp_inOutAndThroughAPipe(@TempDir Path files) throws Exception {
    Files.writeString(files.resolve("one"), "1\n");
    assertThat(script.pinnace("create", "--name", "copied", "tools", "cat", "/tmp/one").code())
        .isZero();
    assertThat(script.pinnace("cp", files + "/one", "copied:/tmp").out()).isEmpty();
    assertThat(script.pinnace("start", "-a", "copied").out()).isEqualTo("1\n");
    assertThat(script.pinnace("cp", "copied:/tmp", files + "/new/").code()).isZero();
    assertThat(files.resolve("new/one")).hasContent("1\n");
    assertThat(script.pinnace("cp", "copied:tmp/one", files + "/no/").err())
        .contains("there is no directory");
    assertThat(script.pinnace("cp", "copied:/tmp/one", "-").out()).startsWith("one\0");
    assertThat(script.pinnace("cp", files + "/one", "./two").err()).contains("CONTAINER:PATH");
    assertThat(script.pinnace("cp", "a:/b", "c:/d").code()).isEqualTo(125);
    assertThat(script.pinnace("cp", files + "/one", "copied:").code()).isEqualTo(125);
  }

  @Test
  void run_cidfileThatCannotBeWritten_leavesNoContainer() throws Exception {
    for (String how : new String[] {"--rm", "-d"}) {
      Result result =
          script.pinnace("run", how, "--cidfile", home + "/missing/cid", "tools", "sh", "-c", LOOP);
      assertThat(result.code()).isEqualTo(125);
      assertThat(result.err()).contains("/missing/cid");
      assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
    }
  }

  @Test
  void run_programThatCannotBeExecuted_exitCodesOfShells() throws Exception {
    Result missing = script.pinnace("run", "tools", "no-such-program");
    assertThat(missing.code()).isEqualTo(127);
    assertThat(missing.err()).contains("no-such-program", "ENOENT");
    assertThat(script.pinnace("run", "tools", "/etc").code()).isEqualTo(126);
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void run_detachedProgramThatCannotBeExecuted_staysToBeLookedAt() throws Exception {
    Result missing = script.pinnace("run", "-d", "--name", "nf", "tools", "no-such-program");
    assertThat(missing.code()).isEqualTo(127);
    assertThat(missing.err()).contains("no-such-program", "ENOENT");
    assertThat(script.pinnace("ps", "-aq", "--no-trunc").line()).isEqualTo(missing.line());
    assertThat(script.pinnace("inspect", "-f", "{{.State.ExitCode}}", "nf").line())
        .isEqualTo("127");
    assertThat(script.pinnace("run", "-d", "--rm", "tools", "no-such-program").code())
        .isEqualTo(127);
    assertThat(script.pinnace("ps", "-aq").out().lines()).hasSize(1);
  }

  @Test
  void readerThatGoes_endsTheCallAsSigpipeDoes() throws Exception {
    String endless = "while echo line; do :; done";
    assertQuiet(script.piped("head -n 1", "run", "--rm", "tools", "sh", "-c", endless));
    script.pinnace("run", "-d", "--name", "chatty", "tools", "sh", "-c", endless + "; " + LOOP);
    assertQuiet(script.piped("head -n 1", "logs", "-f", "chatty"));
    assertQuiet(
        script.piped(
            "head -n 1", "exec", "chatty", "sh", "-c", "echo a; sleep 1; echo b; sleep 600"));
    script.pinnace("stop", "-t", "0", "chatty");
    assertQuiet(script.piped("head -n 1", "logs", "chatty"));
  }

  @Test
  void logsFollowed_withNoRoomForThem_fails() throws Exception {
    script.pinnace("run", "--name", "full", "tools", "sh", "-c", "echo line");
    for (String follow : new String[] {"--follow", "--details"}) {
      Result result = script.redirected(">/dev/full", "logs", follow, "full");
      assertThat(result.err()).as(follow).contains("cannot pass output on");
      assertThat(result.code()).as(follow).isEqualTo(125);
    }
  }

  @Test
  void filesOfEtc_underANarrowUmask_areReadByEveryUser() throws Exception {
    String read = "cat /etc/hostname /etc/hosts /etc/resolv.conf";
    Result result =
        script.after(
            "umask 077", "run", "--rm", "--hostname", "h", "-u", "1234", "tools", "sh", "-c", read);
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("h\n").contains("localhost");
    assertThat(result.code()).isZero();
  }

  private static void assertQuiet(Result result) {
    assertThat(result.err()).isEqualTo("code 141\n");
    assertThat(result.out().lines()).hasSize(1);
  }

  @Test
  void run_imageThatIsNotHere_125() throws Exception {
    Result result = script.pinnace("run", "no-such-image");
    assertThat(result.code()).isEqualTo(125);
    assertThat(result.err())
        .startsWith("Unable to find image 'no-such-image:latest' locally\n")
        .contains("\npinnace: ");
    assertThat(result.out()).isEmpty();
    Result never = script.pinnace("run", "--pull", "never", "no-such-image");
    assertThat(never.code()).isEqualTo(125);
    assertThat(never.err())
        .startsWith("pinnace: there is no image \"no-such-image\" here: pull")
        .hasLineCount(1);
    Result local = script.pinnace("run", "localhost/not-made-yet:1");
    assertThat(local.code()).isEqualTo(125);
    assertThat(local.err()).contains("pinnace: cannot ", "are made here: by import-host");
  }

  @Test
  void prune_withoutAnAnswer_saysThatNothingWasRemoved() throws Exception {
    assertThat(script.pinnace("create", "--name", "kept", "tools", "sh").code()).isZero();
    Result unanswered = script.pinnace("container", "prune");
    assertThat(unanswered.code()).isEqualTo(125);
    assertThat(unanswered.err())
        .isEqualTo(
            "pinnace: there is no answer on standard input: nothing was removed; use --force where"
                + " nobody is there to be asked\n");
    assertThat(unanswered.out()).doesNotContain("reclaimed").endsWith("[y/N] \n");
    Result no = script.pinnaceReading("n\n", "container", "prune");
    assertThat(no.code()).isZero();
    assertThat(no.out()).endsWith("Total reclaimed space: 0B\n");
    assertThat(script.pinnace("ps", "-aq").line()).isNotEmpty();
    assertThat(script.pinnaceReading("y\n", "container", "prune").code()).isZero();
    assertThat(script.pinnace("ps", "-aq").line()).isEmpty();
  }

  @Test
  void run_foreground_streamsApartAndByteForByte() throws Exception {
    Result result =
        script.pinnace("run", "--rm", "tools", "sh", "-c", "printf a; printf 'b\\nc' >&2");
    assertThat(result.out()).isEqualTo("a");
    assertThat(result.err()).isEqualTo("b\nc");
  }

  @Test
  void run_interactive_readsStandardInput() throws Exception {
    Result result = script.pinnaceReading("one\ntwo", "run", "-i", "--rm", "tools", "cat");
    assertThat(result.out()).isEqualTo("one\ntwo");
  }

  @Test
  void run_interactive_passesInputOnAsItComes() throws Exception {
    Call call = script.startReading("run", "-i", "--rm", "tools", "cat");
    try (Writer in = call.process().outputWriter()) {
      in.write("one\n");
      in.flush();
      call.awaitOutput("one\n");
      in.write("two\n");
    }
    assertThat(call.await().out()).isEqualTo("one\ntwo\n");
  }

  @Test
  void run_interactiveProgramThatReadsNothing_endsAtOnce() throws Exception {
    Call call = script.startReading("run", "-i", "--rm", "tools", "sh", "-c", "exit 7");
    assertThat(call.await().code()).isEqualTo(7);
  }

  @Test
  void run_streamsClosed_areEmpty() throws Exception {
    Result read = script.redirected("<&-", "run", "-i", "--rm", "tools", "cat");
    assertThat(read.err()).isEmpty();
    assertThat(read.out()).isEmpty();
    assertThat(read.code()).isZero();
    Result written =
        script.redirected(">&- 2>&-", "run", "--rm", "tools", "sh", "-c", "echo a; exit 4");
    assertThat(written.code()).isEqualTo(4);
  }

  @Test
  void start_attachesToOneThatRuns() throws Exception {
    script.pinnace(
        "run", "-di", "--name", "going", "tools", "sh", "-c", "read x; echo =$x; exit 6");
    Result attached = script.pinnaceReading("some\n", "start", "-ai", "going");
    assertThat(attached.out()).isEqualTo("=some\n");
    assertThat(attached.code()).isEqualTo(6);
    script.pinnace("run", "-d", "--name", "frozen", "tools", "sleep", "1000");
    script.pinnace("pause", "frozen");
    Result frozen = script.pinnace("start", "-a", "frozen");
    assertThat(frozen.code()).isEqualTo(125);
    assertThat(frozen.err()).contains("frozen is paused");
    assertThat(script.pinnace("rm", "-f", "frozen").code()).isZero();
  }

  @Test
  void start_interactive_passesInputOn() throws Exception {
    script.pinnace("create", "-i", "--name", "fed", "tools", "cat");
    assertThat(script.pinnaceReading("one", "start", "-ai", "fed").out()).isEqualTo("one");
    script.pinnace("create", "--name", "closed", "tools", "cat");
    Result closed = script.pinnaceReading("one", "start", "-ai", "closed");
    assertThat(closed.out()).as("it was made without -i").isEmpty();
    assertThat(closed.code()).isZero();
    assertThat(script.pinnace("rm", "closed").code()).isZero();
    assertThat(script.pinnace("logs", "--tail", "-1", "--details", "fed").line()).isEqualTo("one");
    script.pinnace("create", "--name", "newer", "tools", "cat");
    assertThat(script.pinnace("ps", "-l", "--format", "{{.Names}}").line()).isEqualTo("newer");
    assertThat(script.pinnace("ps", "-n", "2", "--format", "{{.Names}}").out())
        .isEqualTo("newer\nfed\n");
    assertThat(script.pinnace("rm", "-v", "newer").code()).isZero();
    assertThat(script.pinnace("rm", "newer").code()).isEqualTo(125);
    assertThat(script.pinnace("rm", "-f", "newer").code()).isZero();
  }

  @Test
  void images_byName_thoseAlone() throws Exception {
    assertThat(script.pinnace("tag", "tools", "other/tools:2").code()).isZero();
    String names = "{{.Repository}}:{{.Tag}}";
    assertThat(script.pinnace("images", "-a", "--format", names).out().lines())
        .containsExactlyInAnyOrder("tools:latest", "other/tools:2");
    assertThat(script.pinnace("images", "--format", names, "other/tools").line())
        .isEqualTo("other/tools:2");
    assertThat(script.pinnace("images", "--format", names, "other/tools:1").out()).isEmpty();
    for (String pattern : new String[] {"o*/t[n-p]ols:2", "-f=reference=other/*", "other/*"}) {
      assertThat(script.pinnace("images", "--format", names, pattern).line())
          .as(pattern)
          .isEqualTo("other/tools:2");
    }
    assertThat(script.pinnace("images", "--format", names, "docker.io/library/tools").line())
        .isEqualTo("tools:latest");
    assertThat(script.pinnace("info", "--format", "{{.Images}}").line()).isEqualTo("1");
    assertThat(script.pinnace("rmi", "other/tools:2").line()).isEqualTo("Untagged: other/tools:2");
    assertThat(script.pinnace("rmi", "other/tools:2").err())
        .isEqualTo("pinnace: there is no image \"other/tools:2\" here\n");
    Result forced = script.pinnace("rmi", "-f", "other/tools:2");
    assertThat(forced.err()).contains("there is no image");
    assertThat(forced.code()).as("as with Docker").isZero();
    assertThat(script.pinnace("images", "--format", "").out()).startsWith("REPOSITORY");
    assertThat(script.pinnace("images", "--format", "{{.None}}").err())
        .contains("there is no field .None; there are: CreatedAt, CreatedSince, Digest");
  }

  @Test
  void sizes_ofAnImage_areTheSameInAllLists() throws Exception {
    String size = script.pinnace("images", "--format", "{{.Size}}").line();
    assertThat(size).matches("[0-9.]{1,4}MB");
    assertThat(script.pinnace("history", "--format", "{{.Size}}", "tools").line()).isEqualTo(size);
    assertThat(script.pinnace("system", "df", "--format", "{{.Type}} {{.TotalCount}}").out())
        .isEqualTo("Images 1\nContainers 0\nLocal Volumes 0\nBlobs 3\n");
    assertThat(script.pinnace("system", "df", "-v").out())
        .containsPattern("tools +latest +[0-9a-f]{12} +N/A +" + size + " +0B +[0-9.]{1,5}MB +0\n")
        .containsPattern("Blobs usage: [0-9.]{1,5}MB\n$");
  }

  @Test
  void load_emptyStandardInput_isSaid() throws Exception {
    Result load = script.pinnace("load", "-q");
    assertThat(load.code()).isEqualTo(125);
    assertThat(load.err()).startsWith("pinnace: the stream is not an image archive: it is empty");
  }

  @Test
  void inspect_missing_documentFirst() throws Exception {
    Result inspect = script.redirected("2>&1", "inspect", "no-such-thing");
    assertThat(inspect.out())
        .startsWith("[]\npinnace: there is no container, image, volume or network");
    assertThat(inspect.code()).isEqualTo(125);
  }

  @Test
  void ps_rootThatCannotBeMade_saysWhyAndWhichFlag() throws Exception {
    Result ps = script.pinnace("--root", "/proc/x", "ps");
    assertThat(ps.code()).isEqualTo(125);
    assertThat(ps.err()).contains("ENOENT", "--root").doesNotContain("java.nio");
  }

  @Test
  void version_format_isTheirs() throws Exception {
    assertThat(script.pinnace("version", "--format", "{{.Client.Os}}").line()).isEqualTo("linux");
  }

  @Test
  void exec_interactive_passesInputOnAsItComes() throws Exception {
    script.pinnace("run", "-d", "--name", "busy", "tools", "sleep", "1000");
    Call call = script.startReading("exec", "-i", "busy", "cat");
    try (Writer in = call.process().outputWriter()) {
      in.write("one\n");
      in.flush();
      call.awaitOutput("one\n");
      in.write("two\n");
    }
    assertThat(call.await().out()).isEqualTo("one\ntwo\n");
  }

  @Test
  void run_detached_otherJvmsListReadEnterStopAndRemoveIt() throws Exception {
    String program = "echo ready; echo oops >&2; trap 'echo bye; exit 4' TERM; " + LOOP;
    String id = script.pinnace("run", "-d", "--name", "web", "tools", "sh", "-c", program).line();
    assertThat(id).matches("[0-9a-f]{64}");

    assertThat(script.pinnace("ps", "--no-trunc", "-q").line()).isEqualTo(id);
    assertThat(script.pinnace("ps", "--format", "{{.Names}} {{.State}}").line())
        .isEqualTo("web running");
    Result logs = script.pinnace("logs", "web");
    assertThat(logs.out()).isEqualTo("ready\n");
    assertThat(logs.err()).isEqualTo("oops\n");
    Result exec =
        script.pinnace(
            "exec", "-e", "A=b", "-w", "/tmp", "web", "sh", "-c", "echo $A $PWD; exit 5");
    assertThat(exec.line()).isEqualTo("b /tmp");
    assertThat(exec.code()).isEqualTo(5);

    assertThat(script.pinnace("stop", "web").line()).isEqualTo("web");
    assertThat(script.pinnace("wait", "web").line()).isEqualTo("4");
    assertThat(script.pinnace("logs", "-n", "1", "web").out()).isEqualTo("bye\n");
    assertThat(
            script.pinnace("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web").line())
        .isEqualTo("exited 4");
    assertThat(script.pinnace("rm", id.substring(0, 12)).code()).isZero();
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void kill_detached_exitCodeTellsTheSignal() throws Exception {
    script.pinnace("run", "-d", "--name", "busy", "tools", "sleep", "1000");
    assertThat(script.pinnace("rm", "busy").code()).isEqualTo(125);
    assertThat(script.pinnace("pause", "busy").code()).isZero();
    assertThat(script.pinnace("ps", "--filter", "status=paused", "--format", "{{.Names}}").line())
        .isEqualTo("busy");
    assertThat(script.pinnace("unpause", "busy").code()).isZero();
    assertThat(script.pinnace("unpause", "busy").err()).contains("container busy is not paused");
    assertThat(script.pinnace("start", "busy").line()).as("it runs already").isEqualTo("busy");
    Result exec = script.pinnace("exec", "busy", "no-such-program");
    assertThat(exec.err()).startsWith("pinnace: cannot exec in \"busy\": ");
    assertThat(script.pinnace("kill", "busy").code()).isZero();
    assertThat(script.pinnace("wait", "busy").line()).isEqualTo("137");
  }

  @Test
  void run_foregroundGetsSignal_passesItOn() throws Exception {
    Call call =
        script.start(
            "run",
            "--rm",
            "tools",
            "sh",
            "-c",
            "trap 'echo asked; exit 9' TERM; echo ready; " + LOOP);
    call.awaitOutput("ready");
    call.process().destroy();
    Result result = call.await();
    assertThat(result.code()).isEqualTo(9);
    assertThat(result.out()).isEqualTo("ready\nasked\n");
  }

  /** The container belongs to its call, and ends with it without being asked. */
  @Test
  void run_withoutSigProxy_signalEndsTheCallAlone() throws Exception {
    Call call =
        script.start(
            "run",
            "--sig-proxy=false",
            "--name",
            "unasked",
            "tools",
            "sh",
            "-c",
            "trap 'echo asked; exit 9' TERM; echo ready; " + LOOP);
    call.awaitOutput("ready");
    call.process().destroy();
    Result result = call.await();
    assertThat(result.code()).isEqualTo(143);
    assertThat(result.out()).isEqualTo("ready\n");
    assertThat(script.pinnace("wait", "unasked").line()).isEqualTo("137");
    assertThat(script.pinnace("logs", "unasked").out()).isEqualTo("ready\n");
  }

  @Test
  void run_foregroundGetsSignalThatTellsSomething_passesItOn() throws Exception {
    Call call =
        script.start(
            "run",
            "--rm",
            "tools",
            "sh",
            "-c",
            "trap 'echo told; exit 5' USR1; echo ready; " + LOOP);
    call.awaitOutput("ready");
    String pid = Long.toString(call.process().pid());
    assertThat(new ProcessBuilder("kill", "-USR1", pid).start().waitFor()).isZero();
    Result result = call.await();
    assertThat(result.out()).isEqualTo("ready\ntold\n");
    assertThat(result.code()).isEqualTo(5);
  }

  @Test
  void ps_filterByName_isAPattern() throws Exception {
    script.pinnace("create", "--name", "web", "tools", "id");
    script.pinnace("create", "--name", "web-2", "tools", "id");
    assertThat(named("^web$")).isEqualTo("web");
    assertThat(named("^/web$")).isEqualTo("web");
    assertThat(named("eb-[0-9]")).isEqualTo("web-2");
    assertThat(named("web").lines()).containsExactlyInAnyOrder("web", "web-2");
    Result wrong = script.pinnace("ps", "-a", "--filter", "name=(");
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).contains("--filter name=(: \"(\" is no regular expression");
    assertThat(script.pinnace("wait", "web").line()).as("never started").isEqualTo("0");
  }

  private String named(String pattern) throws Exception {
    return script
        .pinnace("ps", "-a", "--filter", "name=" + pattern, "--format", "{{.Names}}")
        .line();
  }

  @Test
  void run_foregroundIsKilled_containerEndsWithIt() throws Exception {
    Call call = script.start("run", "--name", "bound", "tools", "sh", "-c", "echo ready; " + LOOP);
    call.awaitOutput("ready");
    call.process().destroyForcibly().waitFor();
    assertThat(script.pinnace("wait", "bound").code()).isZero();
    assertThat(script.pinnace("ps", "-q").out()).isEmpty();
    Result start = script.pinnace("start", "bound");
    assertThat(start.code()).isEqualTo(125);
    assertThat(start.err()).contains("start -a");
  }

  @Test
  void create_dryRun_printsThePlanAndMakesNothing() throws Exception {
    Result plan = script.pinnace("create", "--dry-run", "--read-only", "tools", "id");
    assertThat(plan.code()).isZero();
    assertThat(plan.out()).contains("unshare(CLONE_NEWNET)", "pivot_root(", "# execute id");
    assertThat(script.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void create_thenStart_runsAfterTheCall() throws Exception {
    Path cidfile = home.resolve("cid");
    Path env = Files.writeString(home.resolve("env"), "# comment\nGREETING=hello world\n");
    String id =
        script
            .pinnace(
                "create",
                "--cidfile",
                cidfile.toString(),
                "--env-file",
                env.toString(),
                "tools",
                "sh",
                "-c",
                "echo $GREETING; exit 6")
            .line();
    assertThat(cidfile).hasContent(id);
    assertThat(script.pinnace("start", id).line()).isEqualTo(id);
    assertThat(script.pinnace("wait", id).line()).isEqualTo("6");
    assertThat(script.pinnace("logs", id).out()).isEqualTo("hello world\n");
  }

  @Test
  void doctor_thisHost_canRunContainers() throws Exception {
    Result doctor = script.pinnace("doctor");
    assertThat(doctor.code()).isZero();
    assertThat(doctor.out()).contains("Containers can run");
  }

  /** A root without capabilities may map nobody into a user namespace. */
  @Test
  @Needs("setpriv")
  void doctor_whereNamespacesAreForbidden_saysThatNothingCanRun() throws Exception {
    String powerless = "exec setpriv --inh-caps=-all --bounding-set=-all \"$0\" \"$@\"";
    Result doctor = script.after(powerless, "doctor");
    assertThat(doctor.code()).isEqualTo(125);
    assertThat(doctor.out())
        .contains("  missing  namespaces", "EPERM", "to fix: run the JVM as root")
        .endsWith("Containers cannot run here: see \"namespaces\" above.\n");
    Result info = script.after(powerless, "info");
    assertThat(info.code()).isZero();
    assertThat(info.out())
        .containsPattern(" namespaces: no: .*EPERM.*; to fix: run the JVM as root");
    Result run = script.after(powerless, "run", "--rm", "tools", "sh", "-c", "exit 0");
    assertThat(run.code()).isEqualTo(125);
    assertThat(run.err()).contains("EPERM", "run the JVM as root");
  }
}
