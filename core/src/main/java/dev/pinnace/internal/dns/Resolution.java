package dev.pinnace.internal.dns;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** What the answer to a question is: of the asker's networks, or somebody else's. */
final class Resolution {
  /** Seconds: names come and go with containers. */
  private static final int TTL = 2;

  /**
   * Answers with all their records go into any datagram; those of IPv6 are nearly twice as long.
   */
  private static final int MOST_RECORDS = 24;

  private static final int MOST_OTHERS = 12;

  /** Those of a whole address in names below in-addr.arpa and ip6.arpa, the root's among them. */
  private static final int LABELS = 4 + 3;

  private static final int LABELS6 = 32 + 3;

  private final Peers peers;
  private final Supplier<List<InetAddress>> host;
  private final Forwarding forwarding;

  Resolution(Peers peers, Supplier<List<InetAddress>> host, Forwarding forwarding) {
    this.peers = peers;
    this.host = host;
    this.forwarding = forwarding;
  }

  /**
   * Answers a message, at once or when somebody else has.
   *
   * @param byStream whether the asker has a connection, and may be told as much as there is
   * @param reply called once, with nothing where what came deserves no answer
   */
  void answer(byte[] wire, InetAddress source, boolean byStream, Consumer<Optional<byte[]>> reply) {
    Optional<Query> read = Query.parse(wire);
    if (read.isEmpty()) {
      reply.accept(Replies.toMalformed(wire));
      return;
    }
    Query query = read.get();
    Consumer<byte[]> fitting =
        answer -> reply.accept(Optional.of(byStream ? answer : Replies.fit(query, answer)));
    Optional<Peers.Asker> asker = peers.at(source);
    if (asker.isEmpty()) {
      fitting.accept(Replies.refusal(query, Rcode.REFUSED));
    } else if (Replies.isTooNew(query)) {
      fitting.accept(Replies.refusal(query, Rcode.BADVERS));
    } else {
      Optional<byte[]> own = query.isInternet() ? own(query, asker.get()) : Optional.empty();
      if (own.isPresent()) {
        fitting.accept(own.get());
      } else {
        ask(query, asker.get(), byStream, source, fitting);
      }
    }
  }

  private void ask(
      Query query,
      Peers.Asker asker,
      boolean byStream,
      InetAddress source,
      Consumer<byte[]> reply) {
    if (asker.isEnclosed()) {
      // The host does not reach servers in there, but the asker may ask them next.
      boolean others = asker.servers().isPresent();
      reply.accept(Replies.refusal(query, others ? Rcode.SERVFAIL : Rcode.NXDOMAIN));
    } else {
      forwarding.ask(asker.servers().orElseGet(host), query, byStream, source, reply);
    }
  }

  private static Optional<byte[]> own(Query query, Peers.Asker asker) {
    List<InetAddress> found = asker.addresses(query.spelled());
    if (!found.isEmpty()) {
      return Optional.of(Replies.records(query, addresses(query, found)));
    }
    return reversed(query).filter(asker::isNear).map(address -> pointer(query, asker, address));
  }

  private static List<Record> addresses(Query query, List<InetAddress> found) {
    List<InetAddress> shuffled = new ArrayList<>(found);
    Collections.shuffle(shuffled);
    return shuffled.stream()
        .map(address -> address(query.name(), address))
        .filter(record -> query.type() == record.getType() || query.type() == Type.ANY)
        .limit(query.type() == Type.A ? MOST_RECORDS : MOST_OTHERS)
        .toList();
  }

  private static Record address(Name name, InetAddress address) {
    return address instanceof Inet4Address
        ? new ARecord(name, DClass.IN, TTL, address)
        : new AAAARecord(name, DClass.IN, TTL, address);
  }

  /** The address that a name below in-addr.arpa or ip6.arpa means. */
  private static Optional<InetAddress> reversed(Query query) {
    try {
      boolean fourth = query.spelled().endsWith(".in-addr.arpa");
      boolean whole = query.name().labels() == (fourth ? LABELS : LABELS6);
      return whole && (fourth || query.spelled().endsWith(".ip6.arpa"))
          ? Optional.of(ReverseMap.fromName(query.name()))
              .filter(address -> fourth == address instanceof Inet4Address)
          : Optional.empty();
    } catch (java.net.UnknownHostException | RuntimeException none) {
      return Optional.empty();
    }
  }

  /** Nobody else knows of those. */
  private static byte[] pointer(Query query, Peers.Asker asker, InetAddress address) {
    Optional<Name> name = asker.name(address).flatMap(Resolution::parsed);
    if (name.isEmpty()) {
      return Replies.refusal(query, Rcode.NXDOMAIN);
    }
    boolean wanted = query.type() == Type.PTR || query.type() == Type.ANY;
    return Replies.records(
        query,
        wanted ? List.of(new PTRRecord(query.name(), DClass.IN, TTL, name.get())) : List.of());
  }

  /** A name of a container may be longer than those of DNS can be. */
  private static Optional<Name> parsed(String name) {
    try {
      return Optional.of(Name.fromString(name, Name.root));
    } catch (TextParseException e) {
      return Optional.empty();
    }
  }
}
