package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import java.util.List;
import picocli.CommandLine.Parameters;

/** A subcommand that does the same to each container named; one that fails stops no other. */
abstract class EachContainerCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or ids.")
  private List<String> containers;

  @Override
  final int execute(Pinnace pinnace) {
    check();
    int code = OK;
    for (String name : containers) {
      try {
        act(pinnace.containers().get(name));
        out().println(done(name));
      } catch (NotFoundException e) {
        Failures.report(err(), e);
        code = mayBeMissing() ? code : Failures.OURS;
      } catch (RuntimeException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }

  /** Refuses what was given wrongly, before anything is done. */
  void check() {}

  /** Whether a container that is not there is no failure. */
  boolean mayBeMissing() {
    return false;
  }

  abstract void act(Container container);

  /** What is printed when it is done. */
  String done(String name) {
    return name;
  }
}
