package dev.pinnace.examples.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** Commands in this JVM, on a root of their own. Not for those that write bytes of containers. */
record Commands(Path root, Path run) {
  /**
   * What a command came to.
   *
   * @param code its exit code
   * @param out what it printed
   * @param err what it complained of
   */
  record Result(int code, String out, String err) {
    List<String> lines() {
      return out.lines().toList();
    }

    String line() {
      return out.strip();
    }
  }

  Result pinnace(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        PinnaceCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of("--root", root.toString(), "--run", run.toString()));
    all.addAll(List.of(arguments));
    int code = PinnaceCommand.execute(line, all.toArray(String[]::new));
    line.getOut().flush();
    line.getErr().flush();
    return new Result(code, out.toString(), err.toString());
  }
}
