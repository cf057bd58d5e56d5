package dev.pinnace.internal.dns;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/** The questions that others are asked, so many at once and no more. */
final class Forwarding {
  private static final int MOST = 512;
  private static final int MOST_OF_ONE = 128;
  private static final int MOST_SERVERS = 3;
  private static final int IDS = 1 << 16;

  private final Selector selector;
  private final ByteBuffer buffer;
  private final int port;
  private final SecureRandom random = new SecureRandom();
  private final Upstreams upstreams = new Upstreams();
  private final Set<Asked> pending = new LinkedHashSet<>();
  private final Map<InetAddress, Integer> perAsker = new HashMap<>();

  /**
   * Prepares it.
   *
   * @param buffer for what is received
   * @param port of the servers
   */
  Forwarding(Selector selector, ByteBuffer buffer, int port) {
    this.selector = selector;
    this.buffer = buffer;
    this.port = port;
  }

  /**
   * Asks servers; with none, or too much under way, the answer is SERVFAIL at once.
   *
   * @param byStream whether the asker has a connection
   */
  void ask(
      List<InetAddress> servers,
      Query query,
      boolean byStream,
      InetAddress asker,
      Consumer<byte[]> reply) {
    if (servers.isEmpty()
        || pending.size() >= MOST
        || perAsker.getOrDefault(asker, 0) >= MOST_OF_ONE) {
      reply.accept(Replies.refusal(query, Rcode.SERVFAIL));
      return;
    }
    List<InetSocketAddress> places =
        servers.stream()
            .limit(MOST_SERVERS)
            .map(server -> new InetSocketAddress(server, port))
            .toList();
    Asked asked = new Asked(asker, reply);
    asked.exchange =
        new Exchange(
            selector, buffer, upstreams, places, query, byStream, random.nextInt(IDS), asked);
    pending.add(asked);
    perAsker.merge(asker, 1, Integer::sum);
    asked.exchange.begin();
  }

  /** One that is under way. */
  private final class Asked implements Consumer<byte[]> {
    private final InetAddress asker;
    private final Consumer<byte[]> reply;
    private @Nullable Exchange exchange;

    private Asked(InetAddress asker, Consumer<byte[]> reply) {
      this.asker = asker;
      this.reply = reply;
    }

    @Override
    public void accept(byte[] answer) {
      pending.remove(this);
      perAsker.computeIfPresent(asker, (who, count) -> count > 1 ? count - 1 : null);
      reply.accept(answer);
    }
  }

  boolean isIdle() {
    return pending.isEmpty();
  }

  /** Does what is due. */
  void tick(long now) {
    for (Asked asked : List.copyOf(pending)) {
      if (asked.exchange != null) {
        asked.exchange.tick(now);
      }
    }
  }

  void close() {
    for (Asked asked : pending) {
      if (asked.exchange != null) {
        asked.exchange.cancel();
      }
    }
    pending.clear();
    perAsker.clear();
  }
}
