package dev.pinnace.internal.image.registry.tls;

import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.spec.Registries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where people who administer a host put the certificates for a registry: a directory {@code
 * HOST[:PORT]} below one of several, of which the first that has it counts (containers-certs.d(5),
 * and Docker's daemon for the last). Immutable.
 */
final class CertificateDirectories {
  private static final String DOCKER_HUB = "registry-1.docker.io";

  private final List<Path> directories;

  private CertificateDirectories(List<Path> directories) {
    this.directories = List.copyOf(directories);
  }

  static CertificateDirectories of(Registries registries, Map<String, String> environment) {
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
    return new CertificateDirectories(
        registries
            .certificateDirectories()
            .orElseGet(
                () ->
                    List.of(
                        Path.of(home, ".config/containers/certs.d"),
                        Path.of("/etc/containers/certs.d"),
                        Path.of("/etc/docker/certs.d"))));
  }

  /** The directory for {@code origin}; one that may not be looked into is passed over. */
  Optional<Path> find(Origin origin) {
    Set<String> names = new LinkedHashSet<>();
    names.add(origin.authority());
    names.add(origin.host() + ":" + origin.port());
    if (origin.host().equals(DOCKER_HUB)) {
      names.add("docker.io");
    }
    return directories.stream()
        .flatMap(directory -> names.stream().map(directory::resolve))
        .filter(Files::isDirectory)
        .filter(Files::isReadable)
        .findFirst();
  }
}
