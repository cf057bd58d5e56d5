package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.Volume;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.ContainerState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = "Prints all about containers, images, volumes ... as JSON.")
final class InspectCommand extends EngineCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "NAME",
      description = "Containers, images, volumes or networks.")
  private List<String> names;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "json, or text with {{.State.Pid}}, {{json .Config}} ...")
  private Optional<String> format = Optional.empty();

  @Option(
      names = "--type",
      paramLabel = "container|image|volume|network",
      description = "Which kind; by default the first of these that there is.")
  private Optional<Kind> type = Optional.empty();

  @Option(
      names = {"-s", "--size"},
      description = "Measure what containers have written (SizeRw), and with their image together.")
  private boolean sizes;

  /** Of images only. */
  static InspectCommand ofImages() {
    InspectCommand command = new InspectCommand();
    command.type = Optional.of(Kind.IMAGE);
    return command;
  }

  /** Of volumes only. */
  static InspectCommand ofVolumes() {
    InspectCommand command = new InspectCommand();
    command.type = Optional.of(Kind.VOLUME);
    return command;
  }

  /** Of networks only. */
  static InspectCommand ofNetworks() {
    InspectCommand command = new InspectCommand();
    command.type = Optional.of(Kind.NETWORK);
    return command;
  }

  /** Of containers only. */
  static InspectCommand ofContainers() {
    InspectCommand command = new InspectCommand();
    command.type = Optional.of(Kind.CONTAINER);
    return command;
  }

  /** What may be inspected. */
  enum Kind {
    CONTAINER,
    IMAGE,
    VOLUME,
    NETWORK
  }

  @Override
  int execute(Pinnace pinnace) {
    List<Map<String, Object>> found = new ArrayList<>();
    List<NotFoundException> missing = new ArrayList<>();
    for (String name : names) {
      try {
        found.add(find(pinnace, name));
      } catch (NotFoundException e) {
        missing.add(e);
      }
    }
    if (format.isPresent()) {
      found.forEach(object -> out().println(Template.render(format.get(), object)));
    } else {
      out().println(found.isEmpty() ? "[]" : Template.pretty(found));
    }
    out().flush();
    missing.forEach(e -> Failures.report(err(), e));
    return missing.isEmpty() ? OK : Failures.OURS;
  }

  private Map<String, Object> find(Pinnace pinnace, String name) {
    if (isWanted(Kind.CONTAINER)) {
      Optional<Container> container = pinnace.containers().find(name);
      if (container.isPresent()) {
        return document(pinnace, container.get());
      }
    }
    if (isWanted(Kind.IMAGE)) {
      Optional<Image> image = pinnace.images().find(name);
      if (image.isPresent()) {
        return ImageDocument.of(image.get(), pinnace);
      }
    }
    if (isWanted(Kind.VOLUME)) {
      Optional<Volume> volume = pinnace.volumes().find(name);
      if (volume.isPresent()) {
        return VolumeDocument.of(volume.get().inspect());
      }
    }
    if (isWanted(Kind.NETWORK)) {
      Optional<Network> network = pinnace.networks().find(name);
      if (network.isPresent()) {
        return NetworkDocument.of(network.get().inspect());
      }
      Optional<ModeNetwork> mode = ModeNetwork.find(name);
      if (mode.isPresent()) {
        return mode.get().document(pinnace);
      }
    }
    throw new NotFoundException("there is no " + thing() + " by the name of " + name);
  }

  private boolean isWanted(Kind kind) {
    return type.map(kind::equals).orElse(true);
  }

  private Map<String, Object> document(Pinnace pinnace, Container container) {
    ContainerState state = container.inspect();
    Optional<Image> image = new KnownImages(pinnace).of(state);
    Map<String, Object> document =
        ContainerDocument.of(
            state,
            image,
            container.paths(),
            pinnace.info().storage(),
            NetworkSettings.links(pinnace, state));
    document.put("NetworkSettings", NetworkSettings.of(pinnace, state, image));
    if (sizes) {
      long written = container.size().count();
      document.put("SizeRw", written);
      document.put("SizeRootFs", written + image.map(i -> i.size().count()).orElse(0L));
    }
    return document;
  }

  private String thing() {
    return type.map(kind -> kind.name().toLowerCase(Locale.ROOT))
        .orElse("container, image, volume or network");
  }
}
