package dev.pinnace.internal.image.registry.auth;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Credentials by repository: those that the caller gave, then those of Docker's {@code config.json}
 * and its helpers. Thread-safe.
 */
public final class CredentialStore {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialStore.class);

  private final Registries registries;
  private final Optional<DockerConfig> config;
  private final AtomicReference<String> told = new AtomicReference<>("");

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
   * What is known. The helper for all registries may be left of a Docker that is not here any more:
   * without it, as with Docker, a registry that asks for nobody is still of use.
   *
   * @param repository {@code registry/path}, or the registry alone
   */
  public Known find(String repository) {
    int slash = repository.indexOf('/');
    String registry = slash < 0 ? repository : repository.substring(0, slash);
    Optional<RegistryCredentials> given = registries.credentials(registry);
    if (given.isPresent() || config.isEmpty()) {
      return Known.of(given);
    }
    DockerConfig file = config.get();
    try {
      Optional<DockerConfig.Helper> helper = file.helper(repository);
      Known kept = helper.isPresent() ? ask(helper.get(), registry) : Known.of(Optional.empty());
      return kept.user().isPresent()
          ? kept
          : new Known(file.credentials(repository), kept.obstacle());
    } catch (IOException e) {
      throw new PinnaceException("cannot read " + file.file() + ": " + e.getMessage(), e);
    }
  }

  private Known ask(DockerConfig.Helper helper, String registry) {
    try {
      return Known.of(new CredentialHelper(helper.name()).get(registry));
    } catch (CancelledException interruption) {
      throw interruption;
    } catch (PinnaceException failure) {
      if (helper.own()) {
        throw failure;
      }
      String obstacle = String.valueOf(failure.getMessage());
      if (obstacle.equals(told.getAndSet(obstacle))) {
        LOG.debug("{} is asked without a helper: {}", registry, obstacle);
      } else {
        LOG.warn("{} is asked without the credentials that may be kept: {}", registry, obstacle);
      }
      return new Known(Optional.empty(), Optional.of(obstacle));
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
      Optional<DockerConfig.Helper> helper = file.helper(registry);
      if (helper.isPresent()) {
        String name = helper.get().name();
        new CredentialHelper(name).store(registry, credentials);
        file.store(registry, Optional.empty());
        return "docker-credential-" + name;
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
      Optional<DockerConfig.Helper> helper = file.helper(registry);
      boolean inHelper =
          helper.isPresent() && new CredentialHelper(helper.get().name()).erase(registry);
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
