package dev.pinnace.internal.container;

import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NamespaceSpec;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name that a container goes by. */
public final class Hostname {
  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");

  private Hostname() {}

  /**
   * What was asked for, else its id; the host's name where it shares the host's UTS namespace, and
   * without a name of its own also where it shares the host's network, in which names are the
   * host's.
   */
  public static String of(ContainerId id, NamespaceSpec spec) {
    if (spec.hostUts()) {
      return host();
    }
    return spec.hostname()
        .orElseGet(() -> spec.network() == NetworkMode.HOST ? host() : id.shortHex());
  }

  private static String host() {
    try {
      return Files.readString(KERNEL).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the host's name from " + KERNEL, e);
    }
  }
}
