package dev.pinnace.internal.container;

import dev.pinnace.internal.dns.HostServers;
import dev.pinnace.spec.NamespaceSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is written into a container's resolv.conf(5). */
public final class ResolverFile {
  /** The host's file is taken as it is, whatever its encoding: a character here is a byte. */
  static final Charset BYTES = StandardCharsets.ISO_8859_1;

  private static final Path HOST = Path.of("/etc/resolv.conf");
  private static final String NAMESERVER = "nameserver";
  private static final String OPTIONS = "options";
  private static final Set<String> SEARCH = Set.of("search", "domain");
  private static final String NO_SEARCH = ".";
  private static final String NOBODY = "0.0.0.0";

  /** More are not looked at, by the GNU C library and by musl. */
  private static final int MOST_SERVERS = 3;

  private ResolverFile() {}

  /**
   * Where a container in networks asks.
   *
   * @param gateway of its first network, where its peers' names are answered
   * @param enclosed whether it reaches no other server
   * @param named whether its peers have names, as they have but on the default bridge
   */
  public record Gateway(String gateway, boolean enclosed, boolean named) {}

  /**
   * What the file of a container becomes that is in other networks from now on; empty if its
   * container has changed it, or the host's has changed since.
   *
   * @param gateway empty if it is in none: then it stays as it is
   * @param bridge the gateway of the default bridge, where it may have been alone
   * @throws UncheckedIOException if the host's file cannot be read
   */
  public static Optional<String> moved(
      String text, NamespaceSpec spec, Optional<Gateway> gateway, Optional<String> bridge) {
    if (gateway.isEmpty()) {
      return Optional.empty();
    }
    try {
      boolean ours = text.equals(text(spec));
      for (boolean enclosed : new boolean[] {false, true}) {
        Gateway before = new Gateway(NOBODY, enclosed, true);
        ours |= further(text).equals(further(text(spec, before)));
      }
      if (bridge.isPresent()) { // there may be nothing but the gateway in it
        ours |= text.equals(text(spec, new Gateway(bridge.get(), false, false)));
      }
      return ours ? Optional.of(text(spec, gateway.get())) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + HOST, e);
    }
  }

  /** All but the first line, which is the gateway's. */
  private static String further(String text) {
    return text.substring(text.indexOf('\n') + 1);
  }

  /** Of a container, in networks or not. */
  static String text(NamespaceSpec spec, Optional<Gateway> gateway) throws IOException {
    return gateway.isPresent() ? text(spec, gateway.get()) : text(spec);
  }

  /** Of a container that is in no network: the host's file, or what was asked for. */
  static String text(NamespaceSpec spec) throws IOException {
    if (spec.dns().isEmpty() && spec.dnsSearch().isEmpty() && spec.dnsOptions().isEmpty()) {
      return Files.isReadable(HOST) ? Files.readString(HOST, BYTES) : "";
    }
    List<String> lines = new ArrayList<>();
    if (spec.dns().isEmpty()) {
      host().stream().filter(line -> line.startsWith(NAMESERVER)).forEach(lines::add);
    } else {
      spec.dns().forEach(server -> lines.add(NAMESERVER + " " + server));
    }
    if (!spec.dnsSearch().isEmpty()) {
      lines.add("search " + String.join(" ", asked(spec.dnsSearch())));
    }
    if (!spec.dnsOptions().isEmpty()) {
      lines.add(OPTIONS + " " + String.join(" ", asked(spec.dnsOptions())));
    }
    return joined(lines);
  }

  /**
   * Of a container in networks: first the gateway, then the servers that know the names of others
   * where nobody answers there.
   */
  static String text(NamespaceSpec spec, Gateway asked) throws IOException {
    return text(spec, asked, host());
  }

  /** The same, with the lines of the host's file. */
  static String text(NamespaceSpec spec, Gateway asked, List<String> host) {
    Stream<String> further =
        spec.dns().isEmpty()
            ? HostServers.in(joined(host)).stream()
                .filter(server -> server instanceof Inet4Address && !server.isLoopbackAddress())
                .map(server -> server.getHostAddress())
            : spec.dns().stream();
    List<String> lines = new ArrayList<>();
    Stream.concat(
            Stream.of(asked.gateway()),
            asked.enclosed() && spec.dns().isEmpty() ? Stream.of() : further)
        .distinct()
        .limit(MOST_SERVERS)
        .forEach(server -> lines.add(NAMESERVER + " " + server));
    List<String> search = spec.dnsSearch().isEmpty() ? search(host) : asked(spec.dnsSearch());
    if (!search.isEmpty() && !search.equals(List.of(NO_SEARCH))) {
      lines.add("search " + String.join(" ", search));
    }
    List<String> options = options(spec, asked.named(), host);
    if (!options.isEmpty()) {
      lines.add(OPTIONS + " " + String.join(" ", options));
    }
    return joined(lines);
  }

  /** Peers' names, which have no dot, are asked for as they are, and not with a domain first. */
  private static List<String> options(NamespaceSpec spec, boolean named, List<String> host) {
    List<String> options =
        new ArrayList<>(
            spec.dnsOptions().isEmpty()
                ? words(host, Set.of(OPTIONS)).filter(word -> !named || !isNdots(word)).toList()
                : asked(spec.dnsOptions()));
    if (named && options.stream().noneMatch(ResolverFile::isNdots)) {
      options.add("ndots:0");
    }
    return options;
  }

  /** Words of the container's own, in UTF-8. */
  private static List<String> asked(List<String> words) {
    return words.stream()
        .map(word -> new String(word.getBytes(StandardCharsets.UTF_8), BYTES))
        .toList();
  }

  private static boolean isNdots(String option) {
    return option.startsWith("ndots:");
  }

  /** The last such line counts. */
  private static List<String> search(List<String> host) {
    List<String> lines = host.stream().filter(line -> SEARCH.contains(first(line))).toList();
    return lines.isEmpty()
        ? List.of()
        : words(List.of(lines.get(lines.size() - 1)), SEARCH).toList();
  }

  private static String first(String line) {
    return line.strip().split("\\s+", 2)[0];
  }

  /** What stands after one of those words. */
  private static Stream<String> words(List<String> lines, Set<String> after) {
    return lines.stream()
        .filter(line -> after.contains(first(line)))
        .flatMap(line -> Stream.of(line.strip().split("\\s+")).skip(1));
  }

  private static List<String> host() throws IOException {
    return Files.isReadable(HOST) ? Files.readAllLines(HOST, BYTES) : List.of();
  }

  private static String joined(List<String> lines) {
    return lines.stream().collect(Collectors.joining("\n", "", "\n"));
  }
}
