package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Info;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "info", description = "Shows this engine, its storage, and what its host can do.")
final class InfoCommand extends EngineCommand {
  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "json, or text with {{.Driver}} ...")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Info info = pinnace.info();
    if (format.isPresent()) {
      out().println(Template.render(format.get(), document(info)));
      return OK;
    }
    out().println("Containers: " + info.containers());
    out().println(" Running: " + info.running());
    out().println("Images: " + info.images());
    out().println("Server Version: " + info.version());
    out().println("Storage Driver: " + info.storage());
    out().println("Isolation: " + info.isolation());
    out().println("Kernel Version: " + System.getProperty("os.version"));
    out().println("Architecture: " + System.getProperty("os.arch"));
    out().println("Root Dir: " + info.root());
    out().println("Run Dir: " + info.runDirectory());
    out().println("Features:");
    info.features().forEach(feature -> out().println(" " + line(feature)));
    return OK;
  }

  private static String line(HostFeature feature) {
    if (feature.available()) {
      return feature.name() + ": yes";
    }
    String fix = feature.fix().isEmpty() ? "" : "; to fix: " + feature.fix();
    return feature.name() + ": no: " + feature.reason() + fix;
  }

  private static Map<String, Object> document(Info info) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("Containers", info.containers());
    document.put("ContainersRunning", info.running());
    document.put("Images", info.images());
    document.put("ServerVersion", info.version());
    document.put("Driver", info.storage());
    document.put("Isolation", info.isolation());
    document.put("KernelVersion", System.getProperty("os.version"));
    document.put("Architecture", System.getProperty("os.arch"));
    document.put("RootDir", info.root().toString());
    document.put("RunDir", info.runDirectory().toString());
    document.put(
        "Features",
        info.features().stream()
            .map(
                feature ->
                    Map.of(
                        "Name", feature.name(),
                        "Available", feature.available(),
                        "Reason", feature.reason(),
                        "Fix", feature.fix()))
            .toList());
    return document;
  }
}
