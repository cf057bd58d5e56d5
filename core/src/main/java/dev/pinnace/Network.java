package dev.pinnace;

import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkState;

/** A handle of a network: holds nothing, thread-safe, equal by root and name. */
public interface Network {
  /** What it is called. */
  String name();

  /**
   * Everything there is to know about it now.
   *
   * @throws dev.pinnace.error.NotFoundException if it is gone
   */
  NetworkState inspect();

  /**
   * Connects a container to it, with every default of {@link NetworkAttachment}.
   *
   * @see #connect(Container, NetworkAttachment)
   */
  default void connect(Container container) {
    connect(container, NetworkAttachment.to(name()));
  }

  /**
   * Connects a container to it, be it that it runs, is paused, waits for its restart, or not. It is
   * the last of the container's networks from then on, over its restarts, until it is disconnected.
   * One that runs has the interface when this returns: the first of {@code eth0}, {@code eth1} ...
   * that is free. If it had no network but internal ones, its default route and its published ports
   * lead there from then on.
   *
   * @param wanted what it is there, {@link NetworkAttachment#to} this network
   * @throws dev.pinnace.error.InvalidSpecException if {@code wanted} is of another network, if the
   *     address cannot be a container's, if the container publishes ports and would be in internal
   *     networks only, or if it would have links on the default bridge, or to itself
   * @throws dev.pinnace.error.UnsupportedException to an ordinary user
   * @throws dev.pinnace.error.ConflictException if it is connected already; if it was made without
   *     networks, with the host's or another container's; if the address is taken, or none is free
   * @throws dev.pinnace.error.NotFoundException if the network or the container is gone
   */
  void connect(Container container, NetworkAttachment wanted);

  /**
   * Disconnects a container from it.
   *
   * @see #disconnect(Container, boolean)
   */
  default void disconnect(Container container) {
    disconnect(container, false);
  }

  /**
   * Disconnects a container from it, be it that it runs or not: interface, address and names are
   * gone when this returns. Where its default route and its published ports led there, they lead to
   * the next of its networks that is not internal; the connections of the ports are reset. Without
   * such a network whoever comes to the ports is reset, until there is one. A container that is in
   * no network any more has only loopback, and can be connected again.
   *
   * @param force whether its address is taken from it also where its record is damaged, or its
   *     interface cannot be removed
   * @throws dev.pinnace.error.ConflictException if it is not connected
   * @throws dev.pinnace.error.NotFoundException if the container is gone
   */
  void disconnect(Container container, boolean force);

  /**
   * Removes it.
   *
   * @throws dev.pinnace.error.ConflictException if a container uses it, whether that runs or not,
   *     or if it is the default bridge
   * @throws dev.pinnace.error.NotFoundException if it is gone
   */
  void remove();
}
