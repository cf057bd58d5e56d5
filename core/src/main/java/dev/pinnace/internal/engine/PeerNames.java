package dev.pinnace.internal.engine;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.container.NetworkHosts;
import dev.pinnace.internal.container.NetworkHosts.Line;
import dev.pinnace.internal.container.ResolverFile;
import dev.pinnace.internal.network.NetworkRecord;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of a network's containers in their hosts files, which are written in place: they are
 * mounted. Thread-safe.
 */
final class PeerNames {
  private static final Logger LOG = LoggerFactory.getLogger(PeerNames.class);
  private static final String HOSTS = "hosts";
  private static final String RESOLVER = "resolv.conf";

  /** A container that has filled its own file gets no more. */
  private static final int LARGEST = 4 << 20;

  private final Parts parts;

  PeerNames(Parts parts) {
    this.parts = parts;
  }

  /**
   * Writes who is in the networks of a container into the files of all that are.
   *
   * @param changed the container, which need not be written yet
   */
  void tell(ContainerRecord changed) {
    tell(changed, names(changed), this::write);
  }

  /**
   * The same of a container that may run, with networks in which it need not be any more. Its own
   * file is written too, if that can be.
   *
   * @param networks whose containers' files are written
   */
  void tell(ContainerRecord changed, Collection<String> networks) {
    tell(changed, networks, this::writeOf);
  }

  private synchronized void tell(
      ContainerRecord changed,
      Collection<String> networks,
      BiConsumer<ContainerRecord, List<Line>> own) {
    Map<ContainerId, ContainerRecord> known = new HashMap<>();
    known.put(changed.id(), changed);
    Map<String, Map<ContainerId, Line>> lines = new HashMap<>();
    Map<ContainerId, ContainerRecord> readers = new LinkedHashMap<>();
    readers.put(changed.id(), changed);
    for (String network : networks) {
      lines(network, known, lines).keySet().forEach(id -> readers.put(id, known.get(id)));
    }
    readers.forEach(
        (id, record) -> {
          List<Line> all = new ArrayList<>();
          List<Line> others = new ArrayList<>();
          for (String network : names(record)) {
            lines(network, known, lines)
                .forEach(
                    (peer, line) -> {
                      if (peer.equals(id)) {
                        all.add(named(record, line));
                      } else {
                        Optional.ofNullable(known.get(peer))
                            .flatMap(other -> LinkedNames.line(record, other, network, line))
                            .ifPresent(others::add);
                      }
                    });
          }
          all.addAll(others);
          if (id.equals(changed.id())) {
            own.accept(record, all);
          } else {
            writeOf(record, all);
          }
        });
  }

  static List<String> names(ContainerRecord record) {
    return record.spec().namespaces().networks().stream().map(NetworkAttachment::network).toList();
  }

  /** Of those that are in a network, by their records as well as by their addresses. */
  private Map<ContainerId, Line> lines(
      String network,
      Map<ContainerId, ContainerRecord> known,
      Map<String, Map<ContainerId, Line>> lines) {
    Map<ContainerId, Line> there = lines.get(network);
    if (there != null) {
      return there;
    }
    Map<ContainerId, Line> made = new LinkedHashMap<>();
    Map<ContainerId, String> sixth = parts.networks().endpoints6(network);
    parts
        .networks()
        .endpoints(network)
        .forEach(
            (address, id) -> {
              if (!known.containsKey(id)) {
                readable(id).ifPresent(record -> known.put(id, record));
              }
              ContainerRecord record = known.get(id);
              if (record != null && names(record).contains(network)) {
                List<String> names = hasNames(network) ? names(record, network) : List.of();
                made.put(
                    id, new Line(Subnet.text(address), Optional.ofNullable(sixth.get(id)), names));
              }
            });
    lines.put(network, made);
    return made;
  }

  private Optional<ContainerRecord> readable(ContainerId id) {
    try {
      return parts.store().read(id);
    } catch (CorruptException | UncheckedIOException damaged) {
      LOG.debug("container {} has no name in its network", id.shortHex(), damaged);
      return Optional.empty();
    }
  }

  /** Whether the containers of a network know each other's names. */
  static boolean hasNames(String network) {
    return !network.equals(NetworkSpec.BRIDGE);
  }

  /** What a container goes by in a network. */
  static List<String> names(ContainerRecord record, String network) {
    List<String> names = new ArrayList<>(List.of(record.name(), record.id().shortHex()));
    record.spec().namespaces().networks().stream()
        .filter(attachment -> attachment.network().equals(network))
        .map(NetworkAttachment::aliases)
        .forEach(names::addAll);
    return names;
  }

  /** To itself a container goes by its own name first. */
  private static Line named(ContainerRecord record, Line line) {
    List<String> names = new ArrayList<>();
    String hostname = record.config().hostname();
    if (!hostname.isEmpty()) {
      if (!record.config().domainname().isEmpty()) {
        names.add(hostname + "." + record.config().domainname());
      }
      names.add(hostname);
    }
    names.addAll(line.names());
    if (names.isEmpty()) {
      names.add(record.id().shortHex());
    }
    return new Line(line.address(), line.ipv6(), names);
  }

  /** A container may do with its file what it likes, and keeps no other one from its start. */
  private void writeOf(ContainerRecord peer, List<Line> lines) {
    try {
      write(peer, lines);
    } catch (PinnaceException refused) {
      LOG.warn(
          "container {} is not told the names in its network: {}",
          peer.name(),
          refused.getMessage());
    }
  }

  private Optional<String> bridge() {
    try {
      return parts.networks().find(NetworkSpec.BRIDGE).map(NetworkRecord::gateway);
    } catch (CorruptException damaged) {
      LOG.debug("the default bridge is damaged", damaged);
      return Optional.empty();
    }
  }

  /** Has a container that may run ask for names in the networks that it is in now. */
  void askElsewhere(ContainerRecord record) {
    try {
      Optional<ResolverFile.Gateway> gateway = ContainerEndpoints.gateway(parts.networks(), record);
      edit(
          record,
          RESOLVER,
          text ->
              ResolverFile.moved(text, record.spec().namespaces(), gateway, bridge()).orElse(text));
    } catch (PinnaceException | UncheckedIOException refused) {
      LOG.warn(
          "container {} asks for names where it did before: {}",
          record.name(),
          refused.getMessage());
    }
  }

  private void write(ContainerRecord record, List<Line> lines) {
    edit(record, HOSTS, text -> NetworkHosts.replaced(text, lines));
  }

  private void edit(ContainerRecord record, String name, UnaryOperator<String> change) {
    Path directory = parts.layout().container(record.id());
    try (Dir dir = Dir.open(directory);
        // It is the container's: whoever has a lease on it there is not waited for.
        Fd file = dir.open(name, Fcntl.O_RDWR | Fcntl.O_NONBLOCK | Fcntl.O_NOFOLLOW, 0)) {
      if (Inode.stat(file).size() > LARGEST) {
        LOG.warn("{} of container {} is too large to be changed", name, record.name());
        return;
      }
      String before = new String(file.readAll(LARGEST), StandardCharsets.ISO_8859_1);
      String after = change.apply(before);
      if (!after.equals(before)) {
        rewrite(dir, name, after.getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw new PinnaceException(
            "cannot write names into " + directory.resolve(name) + ": " + refusal.getMessage(),
            refusal);
      }
      LOG.debug("container {} has not been started, or is gone", record.name());
    }
  }

  /** What there was goes once the new is written: a disk that is full leaves no empty file. */
  private static void rewrite(Dir dir, String name, byte[] content) {
    try (Fd file = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_NONBLOCK | Fcntl.O_NOFOLLOW, 0)) {
      file.write(content);
      Inode.resize(file, content.length);
    }
  }
}
