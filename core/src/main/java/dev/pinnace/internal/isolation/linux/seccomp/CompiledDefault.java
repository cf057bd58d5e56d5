package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.linux.Kernel.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The filter of the default profile for a container with Docker's capabilities, compiled before it
 * is needed: to read the profile and compile it takes a fresh JVM as long as to make the rest of a
 * container. A test compiles it again, compares, and writes it when the profile changes.
 */
final class CompiledDefault {
  /** The capabilities that it is for. */
  static final Set<String> CAPABILITIES =
      Set.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  /** The profile says the same of every kernel from here on. */
  static final KernelVersion SINCE = new KernelVersion(4, 8);

  private static final Map<Architecture, byte[]> LOADED = new ConcurrentHashMap<>();

  private CompiledDefault() {}

  /** Where the filter of an architecture is, beside this class. */
  static String resource(Architecture architecture) {
    return "default-" + architecture.machine() + ".bpf";
  }

  /** The filter; empty for other capabilities or an older kernel. */
  static Optional<byte[]> find(
      Set<String> capabilities, Architecture architecture, KernelVersion kernel) {
    return kernel.atLeast(SINCE) && capabilities.equals(CAPABILITIES)
        ? Optional.of(filter(architecture).clone())
        : Optional.empty();
  }

  private static byte[] filter(Architecture architecture) {
    byte[] known = LOADED.get(architecture);
    if (known == null) {
      known = read(resource(architecture));
      LOADED.put(architecture, known);
    }
    return known;
  }

  private static byte[] read(String name) {
    try (InputStream in = CompiledDefault.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(
            "the resource " + name + " is missing beside " + CompiledDefault.class);
      }
      return in.readAllBytes();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
