package dev.pinnace.internal.dns;

import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name servers in a resolv.conf(5), read again when that has changed. For one thread at a time.
 */
public final class HostServers implements Supplier<List<InetAddress>> {
  private static final Logger LOG = LoggerFactory.getLogger(HostServers.class);
  private static final String WORD = "nameserver";

  /** A file that has changed within this time may change again and keep its stamp. */
  private static final long YOUNG_MILLIS = 2_000;

  private final Path file;
  private @Nullable Stamp read;
  private List<InetAddress> servers = List.of();

  private record Stamp(long modified, long size, @Nullable Object key) {}

  public HostServers(Path file) {
    this.file = file;
  }

  @Override
  public List<InetAddress> get() {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      Stamp stamp = new Stamp(now.lastModifiedTime().toMillis(), now.size(), now.fileKey());
      if (!stamp.equals(read)) {
        servers = in(Files.readString(file, StandardCharsets.ISO_8859_1));
        boolean settled = System.currentTimeMillis() - stamp.modified() > YOUNG_MILLIS;
        read = settled ? stamp : null;
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be read, so names are forwarded nowhere", file, e);
      read = null;
      servers = List.of();
    }
    return servers;
  }

  /** Those that a resolv.conf names, in order; what is no address is left out. */
  public static List<InetAddress> in(String text) {
    List<InetAddress> found = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+", 3);
      if (words.length > 1 && words[0].equals(WORD)) {
        address(words[1]).filter(known -> !found.contains(known)).ifPresent(found::add);
      }
    }
    return List.copyOf(found);
  }

  /** What a text means that is an address, and no name that would have to be looked up. */
  public static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(Objects.requireNonNull(InetAddresses.forString(text)));
    } catch (IllegalArgumentException e) {
      LOG.debug("no address of a name server: {}", text);
      return Optional.empty();
    }
  }
}
