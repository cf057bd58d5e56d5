package dev.pinnace.examples.cli;

import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Flags that say which ports of a container are reached at the host's. */
final class PortFlags {
  @Option(
      names = {"-p", "--publish"},
      paramLabel = "[[IP:]HOST:]PORT",
      description = "Lead the host's port HOST to its PORT[/udp]; any free one without HOST.")
  private List<String> published = new ArrayList<>();

  @Option(
      names = {"-P", "--publish-all"},
      description = "Publish each exposed port at one of the host's that is free.")
  private boolean all;

  @Option(
      names = "--expose",
      paramLabel = "PORT",
      description = "Say that it listens on PORT[/udp], beside what the image says; for -P.")
  private List<String> exposed = new ArrayList<>();

  void addTo(ContainerSpecBuilder spec) {
    published.forEach(spec::publish);
    exposed.forEach(text -> ContainerPort.parse(text).forEach(spec::expose));
    if (all) {
      spec.publishAll();
    }
  }
}
