package dev.pinnace.internal.isolation.linux.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TCP ports that are listened on in a process's network namespace, as {@code /proc/pid/net/tcp}
 * and {@code tcp6} have them (proc(5)): a line for a socket, whose second word is its address and
 * port in hexadecimal digits, and whose fourth is its state.
 */
public final class ListeningPorts {
  private static final String LISTEN = "0A"; // TCP_LISTEN in include/net/tcp_states.h

  private static final Logger LOG = LoggerFactory.getLogger(ListeningPorts.class);

  private ListeningPorts() {}

  /** Those of process {@code pid}; none if it has ended. */
  public static Set<Integer> of(int pid) {
    Path net = Path.of("/proc", Integer.toString(pid), "net");
    Set<Integer> ports = new HashSet<>();
    collect(net.resolve("tcp"), ports);
    collect(net.resolve("tcp6"), ports); // not there on a kernel without IPv6
    return ports;
  }

  private static void collect(Path table, Set<Integer> ports) {
    try (Stream<String> lines = Files.lines(table, StandardCharsets.ISO_8859_1)) {
      lines.skip(1).forEach(line -> collect(line, ports));
    } catch (IOException | UncheckedIOException gone) {
      LOG.debug("{} cannot be read", table, gone);
    }
  }

  private static void collect(String line, Set<Integer> ports) {
    String[] words = line.strip().split("\\s+", 5);
    if (words.length > 4 && words[3].equals(LISTEN)) {
      ports.add(Integer.parseInt(words[1].substring(words[1].lastIndexOf(':') + 1), 16));
    }
  }
}
