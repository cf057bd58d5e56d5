package dev.pinnace.internal.image.registry;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import dev.pinnace.internal.image.registry.auth.CredentialStore;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.image.registry.http.Transport;
import dev.pinnace.internal.image.registry.tls.RegistryTrust;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import dev.pinnace.spec.SearchResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Talks to registries as {@link Registries} says. Work runs on its callers' threads; {@link #close}
 * breaks off what is under way. Thread-safe.
 */
public final class RegistryClient implements AutoCloseable {
  /** One that is forgotten costs its next user a challenge, and a token. */
  private static final int MOST_ENDPOINTS = 200;

  private final Registries registries;
  private final Protocol protocol;
  private final Transport transport;
  private final Retrying http;
  private final CredentialStore credentials;
  private final Cache<String, Endpoint> endpoints =
      CacheBuilder.newBuilder().maximumSize(MOST_ENDPOINTS).build();

  public RegistryClient(Registries registries) {
    this(registries, System.getenv());
  }

  /**
   * @param environment where Docker's file, helper programs and proxies are looked for
   */
  public RegistryClient(Registries registries, Map<String, String> environment) {
    this.registries = registries;
    RegistryTrust trust = new RegistryTrust(registries, environment);
    this.transport =
        new Transport(registries.connectTimeout(), registries.stallTimeout(), trust, environment);
    this.http = new Retrying(transport, registries.retries());
    this.protocol = new Protocol(registries, trust, http);
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
    return new Repository(
        reference.repository(),
        reference.path(),
        mirrors,
        home(reference),
        new BlobUrls(http, registries));
  }

  /** The repository of a reference, to be written to; nothing is sent yet. */
  public Destination destination(ImageReference reference) {
    return new Destination(home(reference), reference.repository(), reference.path());
  }

  /**
   * Tries credentials and keeps them where Docker would.
   *
   * @param registry as a user names it; empty for Docker's own
   * @return where they are kept: a file, or the name of a helper program
   */
  public String login(String registry, RegistryCredentials user) {
    String name = Login.registry(registry);
    Endpoint endpoint = endpoint(name);
    RegistryCredentials kept = Login.tried(endpoint, user);
    try {
      return credentials.store(name, kept);
    } finally {
      endpoint.forgetCredentials();
    }
  }

  /** Forgets credentials; whether there were any. */
  public boolean logout(String registry) {
    String name = Login.registry(registry);
    try {
      return credentials.erase(name);
    } finally {
      endpoint(name).forgetCredentials();
    }
  }

  /** Repositories that a registry finds for a term, {@code [registry/]term}. */
  public List<SearchResult> search(String term, int most) {
    int slash = term.indexOf('/');
    String first = slash < 0 ? "" : term.substring(0, slash);
    boolean elsewhere =
        first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    String registry = elsewhere ? Login.registry(first) : "docker.io";
    return Search.find(
        endpoint(registry.equals("docker.io") ? "index.docker.io" : registry),
        elsewhere ? term.substring(slash + 1) : term,
        most);
  }

  private Endpoint home(ImageReference reference) {
    return endpoint(reference.domain());
  }

  Endpoint endpoint(String registry) {
    return endpoints
        .asMap()
        .computeIfAbsent(
            registry.toLowerCase(Locale.ROOT),
            name -> new Endpoint(name, protocol, http, credentials));
  }

  @Override
  public void close() {
    transport.close();
  }
}
