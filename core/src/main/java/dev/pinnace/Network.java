package dev.pinnace;

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
   * Removes it.
   *
   * @throws dev.pinnace.error.ConflictException if a container uses it, whether that runs or not
   * @throws dev.pinnace.error.NotFoundException if it is gone
   */
  void remove();
}
