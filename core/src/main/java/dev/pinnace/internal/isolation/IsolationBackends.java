package dev.pinnace.internal.isolation;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spi.isolation.IsolationBackendProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.StringJoiner;

/**
 * The isolation backends there are. Unlike the storage driver the choice is not recorded: a backend
 * keeps nothing in the root. Thread-safe.
 */
public final class IsolationBackends {
  private final List<IsolationBackendProvider> providers;

  private IsolationBackends(List<IsolationBackendProvider> providers) {
    this.providers =
        providers.stream()
            .sorted(Comparator.comparingInt(IsolationBackendProvider::preference).reversed())
            .toList();
  }

  /** Those that {@code loader} finds, in the order of preference. */
  public static IsolationBackends discover(ClassLoader loader) {
    List<IsolationBackendProvider> found = new ArrayList<>();
    ServiceLoader.load(IsolationBackendProvider.class, loader).forEach(found::add);
    return of(found);
  }

  /** These. */
  public static IsolationBackends of(List<IsolationBackendProvider> providers) {
    return new IsolationBackends(List.copyOf(providers));
  }

  /** The names, in the order of preference. */
  public List<String> names() {
    return providers.stream().map(IsolationBackendProvider::name).toList();
  }

  /**
   * The first that can run containers here.
   *
   * @throws UnsupportedException if none can, with each one's reason and fix
   */
  public IsolationBackendProvider choose() {
    StringJoiner refusals = new StringJoiner("; ");
    StringJoiner fixes = new StringJoiner("; ");
    for (IsolationBackendProvider provider : providers) {
      Optional<HostFeature> obstacle = provider.obstacle();
      if (obstacle.isEmpty()) {
        return provider;
      }
      refusals.add(provider.name() + ": " + obstacle.get().reason());
      fixes.add(obstacle.get().fix());
    }
    throw new UnsupportedException(
        "running containers",
        providers.isEmpty() ? "there is no isolation backend" : refusals.toString(),
        providers.isEmpty() ? "put one on the class path" : fixes.toString());
  }

  /**
   * The one of that name.
   *
   * @throws InvalidSpecException if there is none
   * @throws UnsupportedException if it can run no container here, with the reason and the fix
   */
  public IsolationBackendProvider choose(String name) {
    IsolationBackendProvider provider = named(name);
    provider
        .obstacle()
        .ifPresent(
            missing -> {
              throw new UnsupportedException(
                  "the isolation backend " + name, missing.reason(), missing.fix());
            });
    return provider;
  }

  private IsolationBackendProvider named(String name) {
    return providers.stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "no isolation backend \""
                        + name
                        + "\"; there are "
                        + String.join(", ", names())));
  }
}
