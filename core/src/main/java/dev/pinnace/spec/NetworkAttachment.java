package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a container is in a network. Immutable; {@link #to} starts with the defaults.
 *
 * @param network the network's name; {@code default} is the default bridge's, {@code bridge}
 * @param address its address there, as in {@code 172.28.0.5}; by default the lowest that is free,
 *     which it is always on the default bridge
 * @param ipv6 its IPv6 address there, as in {@code fd00:1:2:3::5}, in a network that has some; by
 *     default the lowest that is free
 * @param mac its interface's, as in {@code 02:42:ac:1c:00:05}; made of its address by default
 * @param aliases further names that others find it by, beside its name and the first twelve digits
 *     of its id; none on the default bridge
 * @param links names that it alone has for others there
 */
public record NetworkAttachment(
    String network,
    Optional<String> address,
    Optional<String> ipv6,
    Optional<String> mac,
    List<String> aliases,
    List<ContainerLink> links) {
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
  private static final Pattern ALIAS = Pattern.compile("[a-zA-Z0-9_]([a-zA-Z0-9._-]{0,252})");
  private static final int MULTICAST = 1;

  /** What Docker calls the default bridge, too. */
  private static final String DEFAULT = "default";

  public NetworkAttachment {
    network = network.equals(DEFAULT) ? NetworkSpec.BRIDGE : network;
    if (!NetworkSpec.isName(network)) {
      throw new InvalidSpecException("no network can be called \"" + network + "\"");
    }
    address.ifPresent(
        text -> {
          long unused = Subnet.address(text);
        });
    ipv6 = ipv6.map(Subnet6::address);
    mac = mac.map(text -> text.toLowerCase(Locale.ROOT).replace('-', ':'));
    mac.ifPresent(NetworkAttachment::checkMac);
    aliases = List.copyOf(aliases);
    links = List.copyOf(links);
    checkLinks(links);
    if (network.equals(NetworkSpec.BRIDGE)) {
      requireMade("addresses of one's own choice", address.isPresent() || ipv6.isPresent());
      requireMade("aliases", !aliases.isEmpty());
    }
    for (String alias : aliases) {
      if (!ALIAS.matcher(alias).matches()) {
        throw new InvalidSpecException(
            "\""
                + alias
                + "\" cannot be a name in a network: it has letters, digits, dots, hyphens and"
                + " underscores");
      }
    }
  }

  private static void checkLinks(List<ContainerLink> links) {
    Map<String, ContainerLink> known = new HashMap<>();
    for (ContainerLink link : links) {
      ContainerLink other = known.put(link.alias().toLowerCase(Locale.ROOT), link);
      if (other != null) {
        throw new InvalidSpecException(
            "the link " + link + " contradicts the link " + other + ": choose another alias");
      }
    }
  }

  private static void requireMade(String what, boolean asked) {
    if (asked) {
      throw new InvalidSpecException(
          "there are no "
              + what
              + " on the default bridge: make a network with networks().create, or network create,"
              + " and use that");
    }
  }

  /** Whether it is on the default bridge. */
  public boolean isOnBridge() {
    return network.equals(NetworkSpec.BRIDGE);
  }

  private static void checkMac(String mac) {
    if (!MAC.matcher(mac).matches()
        || mac.equals("00:00:00:00:00:00")
        || (Integer.parseInt(mac.substring(0, 2), 16) & MULTICAST) != 0) {
      throw new InvalidSpecException(
          "\""
              + mac
              + "\" cannot be the MAC of an interface: write one as in 02:42:ac:1c:00:05, whose first"
              + " byte is even, as odd ones are of groups");
    }
  }

  /** To the network of that name, with every default. */
  public static NetworkAttachment to(String network) {
    Objects.requireNonNull(network, "network");
    return new NetworkAttachment(
        network, Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  /** With that address. */
  public NetworkAttachment withAddress(String text) {
    Objects.requireNonNull(text, "text");
    return new NetworkAttachment(network, Optional.of(text), ipv6, mac, aliases, links);
  }

  /** With that IPv6 address, in a network that has some. */
  public NetworkAttachment withIpv6(String text) {
    Objects.requireNonNull(text, "text");
    return new NetworkAttachment(network, address, Optional.of(text), mac, aliases, links);
  }

  /** With that MAC. */
  public NetworkAttachment withMac(String text) {
    Objects.requireNonNull(text, "text");
    return new NetworkAttachment(network, address, ipv6, Optional.of(text), aliases, links);
  }

  /** With one more name. */
  public NetworkAttachment withAlias(String name) {
    Objects.requireNonNull(name, "name");
    List<String> all = new ArrayList<>(aliases);
    all.add(name);
    return new NetworkAttachment(network, address, ipv6, mac, all, links);
  }

  /**
   * Linked to a container, which is called there as it is, see {@link #withLink(ContainerLink)}.
   */
  public NetworkAttachment withLink(String container) {
    return withLink(ContainerLink.to(container));
  }

  /**
   * With a name of its own for another container.
   *
   * <p>On the default bridge the other one must be there when this one is made, and run when it
   * starts: then its address is in the hosts file, by the alias, its name and its id, and the
   * environment tells of its exposed ports ({@code ALIAS_PORT_80_TCP_ADDR} ...) and of its own
   * environment ({@code ALIAS_ENV_...}). In other networks the alias is a further name, which need
   * be nobody's yet; nobody else there knows it, and to this container it is nobody else's name.
   *
   * @throws InvalidSpecException if another link has the alias
   */
  public NetworkAttachment withLink(ContainerLink link) {
    Objects.requireNonNull(link, "link");
    List<ContainerLink> all = new ArrayList<>(links);
    all.add(link);
    return withLinks(all);
  }

  /** With those links and no others. */
  public NetworkAttachment withLinks(List<ContainerLink> all) {
    Objects.requireNonNull(all, "all");
    return new NetworkAttachment(network, address, ipv6, mac, aliases, all);
  }
}
