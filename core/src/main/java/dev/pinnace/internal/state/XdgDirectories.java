package dev.pinnace.internal.state;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Directories that the environment names (XDG Base Directory Specification): an empty variable is
 * one that is not set, a relative path is ignored.
 */
final class XdgDirectories {
  private XdgDirectories() {}

  static Optional<Path> named(String variable) {
    return named(variable, System.getenv());
  }

  static Optional<Path> named(String variable, Map<String, String> environment) {
    return Optional.ofNullable(environment.get(variable))
        .filter(value -> !value.isEmpty())
        .map(Path::of)
        .filter(Path::isAbsolute);
  }
}
