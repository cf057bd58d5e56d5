package dev.pinnace.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Where files of a container are on the host, absolute; they are the engine's, to be looked at and
 * not to be changed.
 *
 * @param log the newest file of its log, in frames: {@link dev.pinnace.Container#logs} reads them
 * @param hosts what it sees as {@code /etc/hosts}, unless something else is mounted there
 * @param hostname what it sees as {@code /etc/hostname}
 * @param resolvConf what it sees as {@code /etc/resolv.conf}
 * @param layer directories of its file system; empty where that cannot be found
 */
public record ContainerPaths(
    Path log, Path hosts, Path hostname, Path resolvConf, Optional<LayerPaths> layer) {
  /**
   * Directories of a container's file system.
   *
   * @param lowers of its image's layers, the top one first; none where all is in {@code upper}
   * @param upper what it has written itself, or all of its files
   * @param work what overlay needs beside that; empty where it is not used
   */
  public record LayerPaths(List<Path> lowers, Path upper, Optional<Path> work) {
    public LayerPaths {
      lowers = List.copyOf(lowers);
      Objects.requireNonNull(upper, "upper");
      Objects.requireNonNull(work, "work");
    }
  }

  public ContainerPaths {
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(hosts, "hosts");
    Objects.requireNonNull(hostname, "hostname");
    Objects.requireNonNull(resolvConf, "resolvConf");
    Objects.requireNonNull(layer, "layer");
  }
}
