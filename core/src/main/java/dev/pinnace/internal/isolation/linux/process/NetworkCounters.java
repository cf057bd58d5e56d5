package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.spec.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went through the interfaces of a process's network namespace but loopback, as {@code
 * /proc/pid/net/dev} has it (proc(5)): a line for an interface, the first word after its name is
 * what was received, the ninth what was sent.
 *
 * @param received bytes
 * @param sent bytes
 */
public record NetworkCounters(Bytes received, Bytes sent) {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkCounters.class);
  private static final String NAMESPACE = "ns/net";
  private static final int SENT = 8;

  /** Those of process {@code pid}; empty if it has ended, or its network is this JVM's. */
  public static Optional<NetworkCounters> of(int pid) {
    Path process = Path.of("/proc", Integer.toString(pid));
    try {
      Path own = Files.readSymbolicLink(Path.of("/proc/self", NAMESPACE));
      return Files.readSymbolicLink(process.resolve(NAMESPACE)).equals(own)
          ? Optional.empty()
          : Optional.of(
              parse(Files.readAllLines(process.resolve("net/dev"), StandardCharsets.ISO_8859_1)));
    } catch (IOException | UncheckedIOException gone) {
      LOG.debug("the network of {} cannot be read", process, gone);
      return Optional.empty();
    }
  }

  static NetworkCounters parse(List<String> table) {
    long received = 0;
    long sent = 0;
    for (String line : table) {
      String[] sides = line.strip().split(":", 2);
      if (sides.length == 2 && !sides[0].equals("lo")) {
        String[] words = sides[1].strip().split("\\s+", -1);
        received += Long.parseLong(words[0]);
        sent += Long.parseLong(words[SENT]);
      }
    }
    return new NetworkCounters(Bytes.of(received), Bytes.of(sent));
  }
}
