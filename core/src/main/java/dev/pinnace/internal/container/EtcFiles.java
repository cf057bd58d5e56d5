package dev.pinnace.internal.container;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.network.HostAddress;
import dev.pinnace.oci.RuntimeConfig.Mount;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.NamespaceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * hosts, hostname and resolv.conf of one container, mounted over the image's. They are files of the
 * disk that the container's own files are on: what a container writes into them takes no memory of
 * the host's, as it would in the run directory.
 */
public final class EtcFiles {
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");

  private static final List<String> NAMES = List.of("hosts", "hostname", "resolv.conf");

  private EtcFiles() {}

  /**
   * Their mounts, which come after those that were asked for and leave out what one of these is
   * itself mounted on. Sources are relative to the container's directory: a configuration is kept
   * on disk, and the root may be moved.
   *
   * @throws InvalidSpecException if a read-only mount on /etc has no place for one
   */
  static List<Mount> mounts(ContainerSpec spec) {
    Set<String> taken =
        spec.mounts().stream()
            .map(dev.pinnace.spec.Mount::target)
            .collect(Collectors.toUnmodifiableSet());
    List<String> names = NAMES.stream().filter(name -> !taken.contains("/etc/" + name)).toList();
    spec.mounts().stream()
        .filter(mount -> mount.target().equals("/etc") && mount.readOnly())
        .forEach(mount -> checkPlaces(mount, names));
    return names.stream()
        .map(name -> new Mount("/etc/" + name, "bind", name, options(spec.readOnly())))
        .toList();
  }

  private static List<String> options(boolean readOnly) {
    List<String> options = new ArrayList<>(List.of("rbind", "nosuid", "nodev", "noexec"));
    if (readOnly) {
      options.add("ro");
    }
    options.add("x-pinnace.file");
    return options;
  }

  private static void checkPlaces(dev.pinnace.spec.Mount etc, List<String> names) {
    List<String> missing =
        names.stream()
            .filter(
                name ->
                    etc.source()
                        .map(source -> source.resolve(name))
                        .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                        .isEmpty())
            .toList();
    if (!missing.isEmpty()) {
      throw new InvalidSpecException(
          "the container's own "
              + String.join(", ", missing)
              + " cannot be mounted in /etc, which is read-only and has no such files: make empty"
              + " ones in "
              + etc.source().map(Path::toString).orElse("it")
              + ", or mount files of yours on their places");
    }
  }

  /** Where they are. */
  public static List<Path> files(Path directory) {
    return NAMES.stream().map(directory::resolve).toList();
  }

  /** What they take on the disk, in bytes; nothing where they are not there. */
  public static long size(Path directory) {
    return NAMES.stream().mapToLong(name -> directory.resolve(name).toFile().length()).sum();
  }

  /**
   * The mounts of a kept configuration as they are made now, {@code directory} being what it is.
   */
  public static List<Mount> at(Path directory, List<Mount> kept) {
    return kept.stream()
        .map(
            mount ->
                mount.type().equals("bind")
                    ? new Mount(
                        mount.destination(),
                        mount.type(),
                        directory.resolve(mount.source()).normalize().toString(),
                        mount.options())
                    : mount)
        .toList();
  }

  /** Unlinks them: they may be files of others, too, that are to stay as they are. */
  public static void unlink(Path directory) {
    try {
      for (String name : NAMES) {
        Files.deleteIfExists(directory.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove files for /etc in " + directory, e);
    }
  }

  /**
   * Writes them, for every user of the container to read, whatever the umask of this process.
   *
   * @param gateway where a container in networks asks for names
   */
  public static void write(
      Path directory, String hostname, NamespaceSpec spec, Optional<ResolverFile.Gateway> gateway) {
    try {
      write(directory.resolve("hosts"), hosts(hostname, spec), StandardCharsets.UTF_8);
      write(directory.resolve("hostname"), hostname + "\n", StandardCharsets.UTF_8);
      write(directory.resolve("resolv.conf"), ResolverFile.text(spec, gateway), ResolverFile.BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write files for /etc in " + directory, e);
    }
  }

  /**
   * Makes them the files of another container, which it shares from then on: whether those are
   * there.
   */
  public static boolean share(Path from, Path directory) {
    if (NAMES.stream().anyMatch(name -> !Files.isRegularFile(from.resolve(name)))) {
      return false;
    }
    try {
      for (String name : NAMES) {
        Files.deleteIfExists(directory.resolve(name));
        Files.createLink(directory.resolve(name), from.resolve(name));
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot share the files for /etc in " + from + " with " + directory, e);
    }
  }

  private static void write(Path file, String text, Charset charset) throws IOException {
    Files.writeString(file, text, charset);
    Files.setPosixFilePermissions(file, READABLE);
  }

  /**
   * An address as it is in the file.
   *
   * @throws UnsupportedException if the host's is wanted, and it has none
   */
  private static String resolved(String address, NamespaceSpec spec) {
    if (!address.equals(NamespaceSpec.HOST_GATEWAY)) {
      return address;
    }
    if (spec.networks().isEmpty()) {
      return "127.0.0.1"; // the host's network is the container's
    }
    return HostAddress.find()
        .map(InetAddress::getHostAddress)
        .orElseThrow(
            () ->
                new UnsupportedException(
                    "host-gateway",
                    "this host has no IPv4 address but its loopback's, and that is not dialled",
                    "give the host an address, or run the container with NetworkMode.HOST"));
  }

  private static String hosts(String hostname, NamespaceSpec spec) {
    StringBuilder text =
        new StringBuilder("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
    spec.extraHosts()
        .forEach(
            (name, addresses) ->
                addresses.forEach(
                    address ->
                        text.append(resolved(address, spec))
                            .append('\t')
                            .append(name)
                            .append('\n')));
    if (!spec.networks().isEmpty()) {
      return text.toString(); // its name is that of its address there
    }
    text.append("127.0.1.1\t");
    spec.domainname().ifPresent(d -> text.append(hostname).append('.').append(d).append(' '));
    return text.append(hostname).append('\n').toString();
  }
}
