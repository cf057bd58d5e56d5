package dev.pinnace;

import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState;
import java.util.List;
import java.util.Optional;

/**
 * Networks of an engine: bridges on which containers reach each other by name and address, and
 * nothing else. Nothing of them is seen in the host's own network. A container has its address from
 * when it is made until it is removed, whether it runs or not. One is there without being made, the
 * <em>default bridge</em>, {@value NetworkSpec#BRIDGE}: it cannot be removed, and its containers
 * find each other by address and by links only. Thread-safe.
 *
 * <pre>{@code
 * pinnace.networks().create("backend");
 * pinnace.containers().start(image("postgres").name("db").network("backend"));
 * }</pre>
 */
public interface Networks {
  /**
   * Makes a network.
   *
   * @throws dev.pinnace.error.InvalidSpecException if it is called as the default bridge is
   * @throws dev.pinnace.error.ConflictException if there is one of that name, another has addresses
   *     of that subnet, or no block of addresses is free
   * @throws dev.pinnace.error.UnsupportedException if it is to have IPv6 and the kernel has none
   */
  Network create(NetworkSpec spec);

  /** Makes a network of that name with every default of {@link NetworkSpec}. */
  default Network create(String name) {
    return create(NetworkSpec.named(name));
  }

  /**
   * The network of that name, or with an id that begins so.
   *
   * @throws dev.pinnace.error.NotFoundException if there is none
   * @throws dev.pinnace.error.ConflictException if several ids begin so
   */
  Network get(String nameOrIdPrefix);

  /** The same; empty if there is none. */
  Optional<Network> find(String nameOrIdPrefix);

  /** Networks by name. One that is damaged is logged and left out. */
  List<NetworkState> list(NetworkFilter filter);

  /**
   * Removes what {@code filter} means of the networks that were made and that no container uses:
   * their names.
   */
  List<String> prune(NetworkFilter filter);
}
