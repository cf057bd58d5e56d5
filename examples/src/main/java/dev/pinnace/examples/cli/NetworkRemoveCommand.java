package dev.pinnace.examples.cli;

import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Removes networks that no container uses.")
final class NetworkRemoveCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "NETWORK", description = "Names or ids.")
  private List<String> names;

  @Option(
      names = {"-f", "--force"},
      description = "Ignore those that are not there.")
  private boolean force;

  @Override
  int execute(Pinnace pinnace) {
    int code = OK;
    for (String name : names) {
      try {
        Optional<Network> network = pinnace.networks().find(name);
        if (network.isPresent()) {
          network.get().remove();
        } else if (!force) {
          throw new NotFoundException("there is no network \"" + name + "\"");
        }
        out().println(name);
      } catch (PinnaceException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }
}
