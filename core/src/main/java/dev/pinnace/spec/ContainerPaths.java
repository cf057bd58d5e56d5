package dev.pinnace.spec;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where files of a container are on the host, absolute; they are the engine's, to be looked at and
 * not to be changed.
 *
 * @param log the newest file of its log, in frames: {@link dev.pinnace.Container#logs} reads them
 * @param hosts what it sees as {@code /etc/hosts}, unless something else is mounted there
 * @param hostname what it sees as {@code /etc/hostname}
 * @param resolvConf what it sees as {@code /etc/resolv.conf}
 */
public record ContainerPaths(Path log, Path hosts, Path hostname, Path resolvConf) {
  public ContainerPaths {
    Objects.requireNonNull(log, "log");
    Objects.requireNonNull(hosts, "hosts");
    Objects.requireNonNull(hostname, "hostname");
    Objects.requireNonNull(resolvConf, "resolvConf");
  }
}
