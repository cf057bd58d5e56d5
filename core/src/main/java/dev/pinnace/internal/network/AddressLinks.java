package dev.pinnace.internal.network;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.Subnet;
import dev.pinnace.spec.Subnet6;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of containers in their networks: symbolic links, called as the address, to the id
 * of the container that has it. Whoever changes them has the lock on networks.
 */
final class AddressLinks {
  private static final Logger LOG = LoggerFactory.getLogger(AddressLinks.class);

  /** Where they are, in each network's directory. */
  static final String DIRECTORY = "addresses";

  private final Dir networks;

  AddressLinks(Dir networks) {
    this.networks = networks;
  }

  private Dir open(String network) {
    return networks.openDir(network + "/" + DIRECTORY);
  }

  /** See {@link NetworkStore#claim}. */
  void claim(NetworkRecord network, NetworkAttachment attachment, ContainerId container) {
    Set<Long> taken = new HashSet<>();
    Set<String> taken6 = new HashSet<>();
    all(network.name())
        .forEach(
            (address, owner) -> {
              if (owner.equals(container)) {
                return;
              }
              if (isSixth(address)) {
                taken6.add(address);
              } else {
                taken.add(Subnet.address(address));
              }
            });
    long address = AddressChoice.address(network, attachment.address(), taken);
    Optional<String> sixth = AddressChoice6.address(network, attachment, taken6);
    remove(network.name(), container);
    try (Dir addresses = open(network.name())) {
      addresses.symlink(container.hex(), Subnet.text(address));
      sixth.ifPresent(other -> addresses.symlink(container.hex(), other));
    } catch (RuntimeException e) {
      remove(network.name(), container);
      throw e;
    }
  }

  /** Takes its addresses in a network from a container. */
  void remove(String name, ContainerId container) {
    try (Dir addresses = open(name)) {
      for (String address : addresses.list()) {
        if (isOf(addresses, address, container)) {
          addresses.unlink(address);
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) { // a network that is half made, or half removed
        throw refusal;
      }
    }
  }

  private static boolean isOf(Dir addresses, String address, ContainerId container) {
    try {
      return readLink(addresses, address).filter(container.hex()::equals).isPresent();
    } catch (IllegalArgumentException foreign) {
      return false; // somebody's file is nobody's address
    }
  }

  /** The containers of a network, by their IPv4 addresses; none where it is gone. */
  Map<Long, ContainerId> endpoints(String name) {
    Map<Long, ContainerId> endpoints = new TreeMap<>();
    links(name, address -> !isSixth(address))
        .forEach((address, id) -> endpoints.put(Subnet.address(address), id));
    return endpoints;
  }

  /** The IPv6 addresses of a network's containers; none where it is gone, or has no IPv6. */
  Map<ContainerId, String> endpoints6(String name) {
    Map<ContainerId, String> endpoints = new HashMap<>();
    links(name, AddressLinks::isSixth).forEach((address, id) -> endpoints.put(id, address));
    return endpoints;
  }

  private static boolean isSixth(String address) {
    return address.indexOf(':') >= 0;
  }

  /** Whose the addresses of a network are, both IPv4 and IPv6. */
  Map<String, ContainerId> all(String name) {
    return links(name, any -> true);
  }

  private Map<String, ContainerId> links(String name, Predicate<String> meant) {
    Map<String, ContainerId> links = new HashMap<>();
    try (Dir addresses = open(name)) {
      for (String address : addresses.list()) {
        try {
          if (meant.test(address)) {
            requireAddress(address);
            readLink(addresses, address).ifPresent(id -> links.put(address, new ContainerId(id)));
          }
        } catch (IllegalArgumentException | InvalidSpecException none) {
          LOG.warn("{} in network {} is no address of a container's", address, name);
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw new PinnaceException(
            "cannot read the addresses of network " + name + ": " + refusal.getMessage(), refusal);
      }
    }
    return links;
  }

  private static void requireAddress(String text) {
    String written = isSixth(text) ? Subnet6.address(text) : Subnet.text(Subnet.address(text));
    if (!written.equals(text)) {
      throw new IllegalArgumentException(text + " is written otherwise");
    }
  }

  private static Optional<String> readLink(Dir addresses, String address) {
    try {
      return Optional.of(addresses.readLink(address));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return Optional.empty(); // it was released meanwhile
      }
      if (refusal.is(Errno.EINVAL)) {
        throw new IllegalArgumentException(address + " is no symbolic link", refusal);
      }
      throw refusal;
    }
  }
}
