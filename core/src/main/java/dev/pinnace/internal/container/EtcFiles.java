package dev.pinnace.internal.container;

import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.NamespaceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * hosts, hostname and resolv.conf of one container, in its run directory, mounted over the image's.
 */
public final class EtcFiles {
  private static final Path HOST_RESOLVER = Path.of("/etc/resolv.conf");

  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");

  private EtcFiles() {}

  /**
   * Their mounts, with sources relative to the run directory: a configuration is kept on disk,
   * where the run directory's path changes with the next boot or when the root is moved.
   */
  static List<Mount> mounts() {
    return Stream.of("hosts", "hostname", "resolv.conf")
        .map(name -> new Mount("/etc/" + name, "bind", name, List.of("rbind", "x-pinnace.file")))
        .toList();
  }

  /** The mounts of a kept configuration as they are made now, {@code run} being what it is. */
  public static List<Mount> at(Path run, List<Mount> kept) {
    return kept.stream()
        .map(
            mount ->
                mount.type().equals("bind")
                    ? new Mount(
                        mount.destination(),
                        mount.type(),
                        run.resolve(mount.source()).toString(),
                        mount.options())
                    : mount)
        .toList();
  }

  /** Writes them, for every user of the container to read, whatever the umask of this process. */
  public static void write(Path directory, String hostname, NamespaceSpec spec) {
    try {
      write(directory.resolve("hosts"), hosts(hostname, spec));
      write(directory.resolve("hostname"), hostname + "\n");
      write(directory.resolve("resolv.conf"), resolver(spec));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write files for /etc in " + directory, e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, READABLE);
  }

  private static String hosts(String hostname, NamespaceSpec spec) {
    StringBuilder text =
        new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    spec.extraHosts()
        .forEach((name, address) -> text.append(address).append('\t').append(name).append('\n'));
    text.append("127.0.1.1\t");
    spec.domainname().ifPresent(d -> text.append(hostname).append('.').append(d).append(' '));
    return text.append(hostname).append('\n').toString();
  }

  private static String resolver(NamespaceSpec spec) throws IOException {
    List<String> lines = new ArrayList<>();
    if (spec.dns().isEmpty() && spec.dnsSearch().isEmpty() && spec.dnsOptions().isEmpty()) {
      return Files.isReadable(HOST_RESOLVER) ? Files.readString(HOST_RESOLVER) : "";
    }
    List<String> host =
        Files.isReadable(HOST_RESOLVER) ? Files.readAllLines(HOST_RESOLVER) : List.of();
    if (spec.dns().isEmpty()) {
      host.stream().filter(l -> l.startsWith("nameserver")).forEach(lines::add);
    } else {
      spec.dns().forEach(server -> lines.add("nameserver " + server));
    }
    if (!spec.dnsSearch().isEmpty()) {
      lines.add("search " + String.join(" ", spec.dnsSearch()));
    }
    if (!spec.dnsOptions().isEmpty()) {
      lines.add("options " + String.join(" ", spec.dnsOptions()));
    }
    return lines.stream().collect(Collectors.joining("\n", "", "\n"));
  }
}
