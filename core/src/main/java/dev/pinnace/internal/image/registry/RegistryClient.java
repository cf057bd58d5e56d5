package dev.pinnace.internal.image.registry;

import dev.pinnace.internal.image.registry.auth.CredentialStore;
import dev.pinnace.internal.image.registry.http.HttpConnections;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Talks to registries as {@link Registries} says. Work runs on its callers' threads; {@link #close}
 * breaks off what is under way. Thread-safe.
 */
public final class RegistryClient implements AutoCloseable {
  private final Registries registries;
  private final HttpConnections connections;
  private final Retrying http;
  private final CredentialStore credentials;
  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();

  public RegistryClient(Registries registries) {
    this(registries, System.getenv());
  }

  /**
   * @param environment where Docker's file, helper programs and proxies are looked for
   */
  public RegistryClient(Registries registries, Map<String, String> environment) {
    this.registries = registries;
    this.connections =
        new HttpConnections(
            registries.connectTimeout(),
            registries.stallTimeout(),
            new RegistryTrust(registries),
            environment);
    this.http = new Retrying(connections, registries.retries());
    this.credentials = new CredentialStore(registries, environment);
  }

  /** What this client was made with. */
  public Registries registries() {
    return registries;
  }

  /** The repository of a reference; nothing is sent yet. */
  public Repository repository(ImageReference reference) {
    List<Endpoint> mirrors = new ArrayList<>();
    registries.mirrors(reference.domain()).forEach(mirror -> mirrors.add(endpoint(mirror)));
    return new Repository(reference.repository(), reference.path(), mirrors, home(reference));
  }

  private Endpoint home(ImageReference reference) {
    return endpoint(reference.domain());
  }

  Endpoint endpoint(String registry) {
    return endpoints.computeIfAbsent(
        registry, name -> new Endpoint(name, registries, http, credentials));
  }

  @Override
  public void close() {
    connections.close();
  }
}
