package dev.pinnace.internal.dns;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which servers have not answered lately: they are asked after the others, so that nobody waits for
 * them, and now and then along with one of these, to see whether they do again.
 */
final class Upstreams {
  private static final long REST_NANOS = 10_000_000_000L;
  private static final int MOST = 64;

  private final Map<InetSocketAddress, Long> silent = new LinkedHashMap<>();

  /** The order in which to ask. */
  List<InetSocketAddress> ordered(List<InetSocketAddress> servers) {
    if (silent.isEmpty()) {
      return servers;
    }
    List<InetSocketAddress> order = new ArrayList<>(servers);
    order.removeIf(silent::containsKey);
    servers.stream().filter(silent::containsKey).forEach(order::add);
    return order;
  }

  /** One that is due to be asked again, beside another. */
  Optional<InetSocketAddress> due(List<InetSocketAddress> servers, long now) {
    return servers.stream()
        .filter(server -> silent.containsKey(server) && now - silent.get(server) > REST_NANOS)
        .findFirst();
  }

  void hasFailed(InetSocketAddress server, long now) {
    silent.remove(server);
    silent.put(server, now);
    if (silent.size() > MOST) {
      silent.remove(silent.keySet().iterator().next());
    }
  }

  void hasAnswered(InetSocketAddress server) {
    silent.remove(server);
  }
}
