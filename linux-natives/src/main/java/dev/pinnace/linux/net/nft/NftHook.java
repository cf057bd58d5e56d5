package dev.pinnace.linux.net.nft;

/**
 * Where a chain sees packets, as what, and before which others: the type, the hook and the priority
 * of a base chain (nft(8)).
 */
public enum NftHook {
  /** Before routing, where packets are handed to a transparent socket. */
  PREROUTING_MANGLE("filter", 0, -150),

  /** What goes from one interface to another. */
  FORWARD_FILTER("filter", 2, 0),

  /** What is for this namespace itself. */
  INPUT_FILTER("filter", 1, 0),

  /** After routing, where the sender's address is replaced. */
  POSTROUTING_NAT("nat", 4, 100);

  private final String type;
  private final int number;
  private final int priority;

  NftHook(String type, int number, int priority) {
    this.type = type;
    this.number = number;
    this.priority = priority;
  }

  String type() {
    return type;
  }

  int number() {
    return number;
  }

  int priority() {
    return priority;
  }
}
