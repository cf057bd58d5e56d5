package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.Volume;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Removes volumes that no container uses, with their files.")
final class VolumeRemoveCommand extends EngineCommand {
  @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names.")
  private List<String> names;

  @Option(
      names = {"-f", "--force"},
      description = "Ignore those that are not there; remove damaged ones too.")
  private boolean force;

  @Override
  int execute(Pinnace pinnace) {
    int code = OK;
    for (String name : names) {
      try {
        Optional<Volume> volume = pinnace.volumes().find(name);
        if (volume.isPresent()) {
          volume.get().remove(force);
        } else if (!force) {
          throw new NotFoundException("there is no volume \"" + name + "\"");
        }
        out().println(name);
      } catch (PinnaceException e) {
        code = Failures.report(err(), e);
      }
    }
    return code;
  }
}
