package dev.pinnace.internal.image.registry.auth;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Credentials by repository: those that the caller gave, then those of Docker's {@code config.json}
 * and its helpers. Thread-safe.
 */
public final class CredentialStore {
  private final Registries registries;
  private final Optional<DockerConfig> config;

  public CredentialStore(Registries registries, Map<String, String> environment) {
    this.registries = registries;
    this.config =
        registries.usesDockerConfig()
            ? Optional.of(
                new DockerConfig(registries.dockerConfig().orElseGet(() -> usualFile(environment))))
            : Optional.empty();
  }

  private static Path usualFile(Map<String, String> environment) {
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    String home = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
    return (directory.isEmpty() ? Path.of(home, ".docker") : Path.of(directory))
        .resolve("config.json");
  }

  /**
   * What is known.
   *
   * @param repository {@code registry/path}, or the registry alone
   */
  public Optional<RegistryCredentials> find(String repository) {
    int slash = repository.indexOf('/');
    String registry = slash < 0 ? repository : repository.substring(0, slash);
    Optional<RegistryCredentials> given = registries.credentials(registry);
    if (given.isPresent() || config.isEmpty()) {
      return given;
    }
    DockerConfig file = config.get();
    try {
      Optional<String> helper = file.helper(repository);
      Optional<RegistryCredentials> kept =
          helper.isPresent() ? new CredentialHelper(helper.get()).get(registry) : Optional.empty();
      return kept.isPresent() ? kept : file.credentials(repository);
    } catch (IOException e) {
      throw new PinnaceException("cannot read " + file.file() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Keeps credentials where Docker would.
   *
   * @return where: the file, or the helper program
   * @throws ConflictException when Docker's file is not used
   */
  public String store(String registry, RegistryCredentials credentials) {
    DockerConfig file = writable("keep");
    try {
      Optional<String> helper = file.helper(registry);
      if (helper.isPresent()) {
        new CredentialHelper(helper.get()).store(registry, credentials);
        file.store(registry, Optional.empty());
        return "docker-credential-" + helper.get();
      }
      file.store(registry, Optional.of(credentials));
      return file.file().toString();
    } catch (IOException e) {
      throw new PinnaceException("cannot write " + file.file() + ": " + e.getMessage(), e);
    }
  }

  /** Forgets credentials; whether there were any. */
  public boolean erase(String registry) {
    DockerConfig file = writable("forget");
    try {
      Optional<String> helper = file.helper(registry);
      boolean inHelper = helper.isPresent() && new CredentialHelper(helper.get()).erase(registry);
      boolean inFile = file.erase(registry);
      return inHelper || inFile;
    } catch (IOException e) {
      throw new PinnaceException("cannot write " + file.file() + ": " + e.getMessage(), e);
    }
  }

  private DockerConfig writable(String what) {
    return config.orElseThrow(
        () ->
            new ConflictException(
                "cannot "
                    + what
                    + " credentials: this engine was opened without Docker's config.json; give"
                    + " them with Registries.credentials"));
  }
}
