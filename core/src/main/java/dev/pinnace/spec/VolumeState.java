package dev.pinnace.spec;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything there is to know about a volume now.
 *
 * @param name what it is called
 * @param spec as it was asked for, when it was made
 * @param created when
 * @param path the directory of its files on the host; empty where its driver has none
 * @param containers the names of the containers that use it, whether they run or not
 */
public record VolumeState(
    String name, VolumeSpec spec, Instant created, Optional<Path> path, List<String> containers) {
  public VolumeState {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(created, "created");
    containers = List.copyOf(containers);
  }

  /** Whether a container uses it. */
  public boolean isUsed() {
    return !containers.isEmpty();
  }
}
