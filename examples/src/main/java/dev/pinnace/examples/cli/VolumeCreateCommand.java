package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "create", description = "Makes a volume, and prints its name.")
final class VolumeCreateCommand extends EngineCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "VOLUME",
      description = "Its name; by default 64 digits that nobody has.")
  private Optional<String> name = Optional.empty();

  @Option(names = "--name", hidden = true, description = "Its name, as Docker once had it.")
  private Optional<String> oldName = Optional.empty();

  @Option(
      names = {"-d", "--driver"},
      paramLabel = "NAME",
      description = "Who keeps its files; local by default.")
  private String driver = VolumeSpec.LOCAL;

  @Option(
      names = {"-o", "--opt"},
      paramLabel = "NAME=VALUE",
      description = "An option for the driver.")
  private List<String> options = new ArrayList<>();

  @Option(names = "--label", paramLabel = "NAME=VALUE", description = "A label.")
  private List<String> labels = new ArrayList<>();

  @Override
  int execute(Pinnace pinnace) {
    if (name.isPresent() && oldName.isPresent()) {
      throw new InvalidSpecException("--name and a name go not together: leave --name out");
    }
    VolumeSpec spec =
        name.or(() -> oldName)
            .filter(text -> !text.isEmpty())
            .map(VolumeSpec::named)
            .orElseGet(VolumeSpec::unnamed)
            .withDriver(driver);
    for (Map.Entry<String, String> option : Assignments.labels(options).entrySet()) {
      spec = spec.withOption(option.getKey(), option.getValue());
    }
    for (Map.Entry<String, String> label : Assignments.labels(labels).entrySet()) {
      spec = spec.withLabel(label.getKey(), label.getValue());
    }
    out().println(pinnace.volumes().create(spec).name());
    return OK;
  }
}
