package dev.pinnace.internal.image.registry.auth;

import java.util.Locale;
import java.util.Set;

/**
 * The names by which registries stand in Docker's {@code config.json}: with or without scheme, with
 * or without a path, and for Docker's own registry an address of its first protocol.
 */
final class RegistryKey {
  /** Docker's own registry, as Docker writes it. */
  static final String DOCKER_HUB = "https://index.docker.io/v1/";

  private static final Set<String> HUBS =
      Set.of("docker.io", "index.docker.io", "registry-1.docker.io");
  private static final Set<String> PROTOCOL_PATHS = Set.of("", "v1", "v2");

  private RegistryKey() {}

  /** How {@code registry} is written, and what helper programs are asked for. */
  static String of(String registry) {
    String host = registry.toLowerCase(Locale.ROOT);
    return HUBS.contains(host) ? DOCKER_HUB : host;
  }

  /**
   * How well {@code key} fits: 0 if it does not, more the more of the repository it names.
   *
   * @param repository as {@code registry/path}; the registry alone is enough
   */
  static int fit(String key, String repository) {
    int scheme = key.indexOf("://");
    String bare = scheme < 0 ? key : key.substring(scheme + 3);
    while (bare.endsWith("/")) {
      bare = bare.substring(0, bare.length() - 1);
    }
    String host = before(bare).toLowerCase(Locale.ROOT);
    String wanted = before(repository).toLowerCase(Locale.ROOT);
    if (!host.equals(wanted) && !(HUBS.contains(host) && HUBS.contains(wanted))) {
      return 0;
    }
    String path = bare.length() == host.length() ? "" : bare.substring(host.length() + 1);
    if (PROTOCOL_PATHS.contains(path)) {
      return 1;
    }
    String asked =
        repository.length() == wanted.length() ? "" : repository.substring(wanted.length() + 1);
    return asked.equals(path) || asked.startsWith(path + "/") ? 1 + path.length() : 0;
  }

  /**
   * Whether {@code key}, of those that fit equally well, is the one that logins write now; others
   * may be left of long ago.
   */
  static boolean isUsual(String key, String repository) {
    boolean hasPath = key.indexOf("://") < 0 && key.indexOf('/') > 0;
    return hasPath ? (repository + "/").startsWith(key + "/") : key.equals(of(before(repository)));
  }

  private static String before(String text) {
    int slash = text.indexOf('/');
    return slash < 0 ? text : text.substring(0, slash);
  }
}
