package dev.pinnace.examples.cli;

import dev.pinnace.spec.NetworkAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was given to {@code --network} for a network of the engine: its name, or {@code
 * name=NETWORK,alias=NAME,ip=ADDRESS,ip6=ADDRESS,mac-address=MAC}.
 */
final class NetworkFlag {
  private static final String KEYS = "name, alias, ip, ip6 and mac-address";

  private final FlagValue value;
  private Optional<String> name = Optional.empty();
  private Optional<String> address = Optional.empty();
  private Optional<String> ipv6 = Optional.empty();
  private Optional<String> mac = Optional.empty();
  private final List<String> aliases = new ArrayList<>();

  private NetworkFlag(FlagValue value) {
    this.value = value;
  }

  /** Whether it is written in fields, and not a mere name. */
  static boolean isLong(String text) {
    return text.indexOf('=') >= 0;
  }

  static NetworkAttachment parse(String text) {
    if (!isLong(text)) {
      return NetworkAttachment.to(text);
    }
    NetworkFlag flag = new NetworkFlag(new FlagValue("--network", text));
    CsvLine.fields(flag.value).forEach(flag::read);
    return flag.attachment();
  }

  private void read(String field) {
    int equals = field.indexOf('=');
    if (equals < 1 || equals == field.length() - 1) {
      throw value.wrong("\"" + field + "\" is no KEY=VALUE; there are " + KEYS);
    }
    String content = field.substring(equals + 1).strip();
    switch (field.substring(0, equals).strip()) {
      case "name" -> name = Optional.of(content);
      case "alias" -> aliases.add(content);
      case "ip" -> address = Optional.of(content);
      case "ip6" -> ipv6 = Optional.of(content);
      case "mac-address" -> mac = Optional.of(content);
      case "link-local-ip", "driver-opt" ->
          throw value.wrong("\"" + field + "\" comes with a later version; there are " + KEYS);
      case "gw-priority" ->
          throw value.wrong(
              "the default route is the first network's that is not internal, in the order in"
                  + " which they are given: put that one first instead of gw-priority");
      default -> throw value.wrong("\"" + field + "\" is not known; there are " + KEYS);
    }
  }

  private NetworkAttachment attachment() {
    NetworkAttachment to =
        NetworkAttachment.to(
            name.orElseThrow(() -> value.wrong("it names no network: add name=NETWORK")));
    to = address.map(to::withAddress).orElse(to);
    to = ipv6.map(to::withIpv6).orElse(to);
    to = mac.map(to::withMac).orElse(to);
    for (String alias : aliases) {
      to = to.withAlias(alias);
    }
    return to;
  }
}
