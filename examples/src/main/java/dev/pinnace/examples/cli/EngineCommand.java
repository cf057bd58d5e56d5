package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A subcommand that works on an engine, which it opens and closes. */
abstract class EngineCommand implements Callable<Integer> {
  static final int OK = 0;

  @Spec private CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // picocli looks at it
  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    PinnaceCommand whole = (PinnaceCommand) spec.root().userObject();
    try (Pinnace pinnace = whole.open()) {
      return follows() ? following(pinnace) : execute(pinnace);
    }
  }

  /** Whether this goes on until somebody ends it, and owns no container. */
  boolean follows() {
    return false;
  }

  private int following(Pinnace pinnace) {
    try (ExitHook hook = ExitHook.of(pinnace)) {
      try {
        return execute(pinnace);
      } catch (RuntimeException closed) {
        if (hook.isEnding()) {
          return OK; // nobody sees it: the JVM ends by the signal
        }
        throw closed;
      }
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
