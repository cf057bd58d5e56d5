package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import java.util.List;

/** A subcommand that removes whatever is named; one that cannot be removed stops no other. */
abstract class EachNameCommand extends EngineCommand {
  @Override
  final int execute(Pinnace pinnace) {
    int code = OK;
    for (String name : names()) {
      try {
        boolean removed = remove(pinnace, name);
        if (!removed && !isForced()) {
          throw new NotFoundException("there is no " + kind() + " \"" + name + "\"");
        }
        if (removed || tellsMissing()) {
          out().println(name);
        }
      } catch (PinnaceException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }

  abstract List<String> names();

  /** What it is that they name. */
  abstract String kind();

  /** Whether one that is not there is no failure. */
  abstract boolean isForced();

  /** Whether by force one that is not there is printed too: Docker does for volumes alone. */
  boolean tellsMissing() {
    return true;
  }

  /** Removes one; whether it is there. */
  abstract boolean remove(Pinnace pinnace, String name);
}
