package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** A subcommand that works on an engine, which it opens and closes. */
abstract class EngineCommand implements Callable<Integer> {
  static final int OK = 0;

  @ParentCommand private EngineSource parent;
  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli looks at it
  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    try (Pinnace pinnace = parent.open()) {
      return execute(pinnace);
    }
  }

  /** Does the work; returns the exit code. */
  abstract int execute(Pinnace pinnace);

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
