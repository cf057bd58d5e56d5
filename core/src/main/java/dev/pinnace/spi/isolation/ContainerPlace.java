package dev.pinnace.spi.isolation;

import java.nio.file.Path;

/**
 * Where a container lives on the host.
 *
 * @param id 64 hex digits
 * @param directory its own, on disk or, with auto-remove, in memory; the exit record and the logs
 *     are here
 * @param runDirectory its own in memory: lock and socket
 */
public record ContainerPlace(String id, Path directory, Path runDirectory) {
  /** The directory of its log files. */
  public Path logs() {
    return directory.resolve("logs");
  }

  /** The supervisor holds an OFD lock on this file as long as it lives. */
  public Path lock() {
    return runDirectory.resolve("lock");
  }

  /** The supervisor listens here. */
  public Path socket() {
    return runDirectory.resolve("sock");
  }

  /** The last exit record. */
  public Path exit() {
    return directory.resolve("exit");
  }
}
