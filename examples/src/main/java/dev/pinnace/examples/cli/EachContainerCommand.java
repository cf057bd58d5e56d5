package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Parameters;

/** A subcommand that does the same to each container named; one that fails stops no other. */
abstract class EachContainerCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or ids.")
  private List<String> containers;

  @Override
  final int execute(Pinnace pinnace) {
    check();
    int code = OK;
    List<Supplier<String>> each = containers.stream().map(name -> acting(pinnace, name)).toList();
    for (Supplier<String> one : begin(each)) {
      try {
        out().println(one.get());
      } catch (NotFoundException e) {
        Failures.report(err(), e);
        code = mayBeMissing() ? code : Failures.OURS;
      } catch (RuntimeException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }

  private Supplier<String> acting(Pinnace pinnace, String name) {
    return () -> done(pinnace.containers().get(name), name);
  }

  /** Each is done when it is asked for, and that is one after the other. */
  List<Supplier<String>> begin(List<Supplier<String>> each) {
    return each;
  }

  /** Refuses what was given wrongly, before anything is done. */
  void check() {}

  /** Whether a container that is not there is no failure. */
  boolean mayBeMissing() {
    return false;
  }

  /** Does it. */
  void act(Container container) {}

  /** Does it; what is printed then. */
  String done(Container container, String name) {
    act(container);
    return name;
  }
}
