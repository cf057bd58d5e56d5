package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

@Command(name = "version", description = "Prints the versions of Pinnace, Java and the kernel.")
final class VersionCommand extends EngineCommand {
  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "json, or text with {{.Client.Version}} or {{.Server.Version}} ...")
  private Optional<String> format = Optional.empty();

  @Override
  int execute(Pinnace pinnace) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("Version", pinnace.info().version());
    versions.put("Java", Runtime.version().toString());
    versions.put("KernelVersion", System.getProperty("os.version"));
    versions.put("Os", "linux");
    versions.put("Arch", System.getProperty("os.arch"));
    if (format.isPresent()) {
      out().println(Template.render(format.get(), Map.of("Client", versions, "Server", versions)));
      return OK;
    }
    out().println("Pinnace: " + versions.get("Version"));
    out().println("Java: " + versions.get("Java"));
    out().println("Kernel: " + versions.get("KernelVersion"));
    out().println("Architecture: " + versions.get("Arch"));
    return OK;
  }

  /** What {@code pinnace --version} prints; it opens nothing. */
  static final class OneLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Pinnace.class.getPackage().getImplementationVersion();
      return new String[] {"Pinnace version " + (version == null ? "development" : version)};
    }
  }
}
