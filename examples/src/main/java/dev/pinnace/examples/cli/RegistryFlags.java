package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Registries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What Docker's daemon is told about registries; here it goes before the subcommand. */
final class RegistryFlags {
  @Option(
      names = "--insecure-registry",
      paramLabel = "HOST[:PORT]",
      description =
          "Believe any certificate of it, and speak plain HTTP where it does not speak TLS; loopback"
              + " needs no mention.")
  private List<String> insecure = new ArrayList<>();

  @Option(
      names = "--registry-mirror",
      paramLabel = "[REGISTRY=]HOST[:PORT]",
      description = "Ask it before the registry, docker.io by default.")
  private List<String> mirrors = new ArrayList<>();

  @Option(
      names = "--registry-ca",
      paramLabel = "HOST[:PORT]=FILE",
      description = "Certificates (PEM) of the authorities that sign its certificate.")
  private List<String> authorities = new ArrayList<>();

  Registries registries() {
    Registries.Builder registries = Registries.builder();
    insecure.forEach(registries::insecure);
    for (String mirror : mirrors) {
      int equals = mirror.indexOf('=');
      registries.mirror(
          equals < 0 ? "docker.io" : mirror.substring(0, equals), mirror.substring(equals + 1));
    }
    for (String authority : authorities) {
      int equals = authority.indexOf('=');
      if (equals <= 0) {
        throw new InvalidSpecException("--registry-ca takes HOST=FILE, not \"" + authority + "\"");
      }
      registries.certificateAuthorities(
          authority.substring(0, equals), Path.of(authority.substring(equals + 1)));
    }
    return registries.build();
  }
}
