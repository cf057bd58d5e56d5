package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.Volume;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Removes volumes that no container uses, with their files.")
final class VolumeRemoveCommand extends EachNameCommand {
  @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names.")
  private List<String> names;

  @Option(
      names = {"-f", "--force"},
      description = "Ignore those that are not there; remove damaged ones too.")
  private boolean force;

  @Override
  List<String> names() {
    return names;
  }

  @Override
  String kind() {
    return "volume";
  }

  @Override
  boolean isForced() {
    return force;
  }

  @Override
  boolean remove(Pinnace pinnace, String name) {
    Optional<Volume> volume = pinnace.volumes().find(name);
    volume.ifPresent(one -> one.remove(force));
    return volume.isPresent();
  }
}
