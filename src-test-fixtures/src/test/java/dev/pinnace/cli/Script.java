package dev.pinnace.cli;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A script of {@code examples}, run with a root of its own. Each call is a JVM of its own. */
final class Script {
  private static final long MINUTES = 2;
  private static final Path EXAMPLES =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("../examples");

  private final Path home;
  private int calls;

  /** Where {@code pinnace} is. */
  static Path program() {
    return EXAMPLES.resolve("pinnace");
  }

  Script(Path home) {
    this.home = home;
  }

  /** The root's cgroups, which are there as long as an engine or a container needs them. */
  List<Path> cgroups() throws IOException {
    Path root = home.resolve("root");
    long device = (Long) Files.getAttribute(root, "unix:dev");
    long inode = (Long) Files.getAttribute(root, "unix:ino");
    String key = String.format("%x-%x", device, inode);
    return Stream.of("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
        .map(mount -> Path.of(mount, "pinnace", key))
        .filter(Files::exists)
        .toList();
  }

  /**
   * What a call came to.
   *
   * @param code its exit code
   * @param out standard output
   * @param err standard error
   */
  record Result(int code, String out, String err) {
    /** The only line of standard output. */
    String line() {
      return out.strip();
    }
  }

  /** Runs {@code examples/pinnace} to its end. */
  Result pinnace(String... arguments) throws Exception {
    return call("pinnace", "", Map.of(), arguments);
  }

  Result pinnaceReading(String stdin, String... arguments) throws Exception {
    return call("pinnace", stdin, Map.of(), arguments);
  }

  Result call(String script, String stdin, Map<String, String> env, String... arguments)
      throws Exception {
    Call call = start(script, Redirect.PIPE, env, arguments);
    try (OutputStream in = call.process().getOutputStream()) {
      in.write(stdin.getBytes(StandardCharsets.UTF_8));
    }
    return call.await();
  }

  /** Starts {@code examples/pinnace} with a pipe for its standard input. */
  Call startReading(String... arguments) throws IOException {
    return start("pinnace", Redirect.PIPE, Map.of(), arguments);
  }

  /** Starts {@code examples/pinnace}. */
  Call start(String... arguments) throws IOException {
    return start("pinnace", Redirect.from(new File("/dev/null")), Map.of(), arguments);
  }

  /** Runs {@code examples/pinnace} to its end after redirections such as {@code <&-} of a shell. */
  Result redirected(String redirections, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("-c");
    command.add("exec \"$0\" \"$@\" " + redirections);
    command.add(EXAMPLES.resolve("pinnace").toString());
    command.addAll(List.of(arguments));
    return start(Path.of("/bin/sh"), Redirect.PIPE, Map.of(), command.toArray(String[]::new))
        .await();
  }

  /** Runs {@code examples/pinnace} to its end after a command of a shell, such as ulimit. */
  Result after(String shellCommand, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("-c");
    command.add(shellCommand + " && exec \"$0\" \"$@\"");
    command.add(EXAMPLES.resolve("pinnace").toString());
    command.addAll(List.of(arguments));
    return start(Path.of("/bin/sh"), Redirect.PIPE, Map.of(), command.toArray(String[]::new))
        .await();
  }

  /** Has the shell command {@code reader} read what a call prints; its exit code goes to err. */
  Result piped(String reader, String... arguments) throws Exception {
    return startPiped(reader, arguments).await();
  }

  /** The same, under way. */
  Call startPiped(String reader, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add("-c");
    command.add("{ \"$0\" \"$@\"; echo code $? >&2; } | " + reader);
    command.add(EXAMPLES.resolve("pinnace").toString());
    command.addAll(List.of(arguments));
    return start(Path.of("/bin/sh"), Redirect.PIPE, Map.of(), command.toArray(String[]::new));
  }

  /** Starts {@code examples/pinnace} on a terminal of that width; what it shows goes to a file. */
  Process onTerminal(Path seen, int columns, String... arguments) throws IOException {
    String line = EXAMPLES.resolve("pinnace") + " " + String.join(" ", arguments);
    ProcessBuilder builder =
        new ProcessBuilder(
                "script", "-qec", "stty cols " + columns + " rows 24; " + line, seen.toString())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.DISCARD);
    builder.environment().put("PINNACE_ROOT", home.resolve("root").toString());
    builder.environment().put("PINNACE_RUN", home.resolve("run").toString());
    builder.environment().put("TERM", "xterm");
    return builder.start();
  }

  private Call start(String script, Redirect in, Map<String, String> env, String... arguments)
      throws IOException {
    return start(EXAMPLES.resolve(script), in, env, arguments);
  }

  private Call start(Path program, Redirect in, Map<String, String> env, String... arguments)
      throws IOException {
    calls++;
    Path out = home.resolve("out." + calls);
    Path err = home.resolve("err." + calls);
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("PINNACE_ROOT", home.resolve("root").toString());
    builder.environment().put("PINNACE_RUN", home.resolve("run").toString());
    builder.environment().putAll(env);
    return new Call(builder.start(), out, err);
  }

  /** A call under way. */
  record Call(Process process, Path out, Path err) {
    /** Waits until the call has written {@code text}. */
    void awaitOutput(String text) throws Exception {
      await(out, text);
    }

    /** Waits until the call has complained of {@code text}. */
    void awaitError(String text) throws Exception {
      await(err, text);
    }

    private void await(Path written, String text) throws Exception {
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
      while (!Files.readString(written).contains(text)) {
        if (System.nanoTime() > deadline || !process.isAlive()) {
          throw new AssertionError(
              "no \"" + text + "\" in: " + Files.readString(out) + Files.readString(err));
        }
        Thread.sleep(20);
      }
    }

    Result await() throws Exception {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(
            "the call did not end: " + Files.readString(out) + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }
  }
}
