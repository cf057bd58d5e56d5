package dev.pinnace.spec;

import com.google.common.net.InetAddresses;
import dev.pinnace.error.InvalidSpecException;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.Optional;

/**
 * A block of IPv6 addresses, as in {@code fd00:1:2:3::/64}. Immutable.
 *
 * @param first its first address, as RFC 5952 has it written
 * @param prefix how many bits its addresses have in common, 0 to 128
 */
public record Subnet6(String first, int prefix) {
  private static final int BITS = 128;

  public Subnet6 {
    Objects.requireNonNull(first, "first");
    if (prefix < 0 || prefix > BITS) {
      throw new InvalidSpecException("no block of IPv6 addresses: " + first + "/" + prefix);
    }
    BigInteger number = number(first);
    first = text(number);
    BigInteger begin = number.shiftRight(BITS - prefix).shiftLeft(BITS - prefix);
    if (!begin.equals(number)) {
      throw new InvalidSpecException(
          first
              + "/"
              + prefix
              + " does not begin where a block of that size does: write "
              + text(begin)
              + "/"
              + prefix);
    }
  }

  /**
   * The block that {@code text} means.
   *
   * @throws InvalidSpecException if it means none
   */
  public static Subnet6 parse(String text) {
    Objects.requireNonNull(text, "text");
    int slash = text.indexOf('/');
    String bits = text.substring(slash + 1);
    if (slash < 0 || read(text.substring(0, slash)).isEmpty() || !bits.matches("\\d{1,3}")) {
      throw new InvalidSpecException(
          "\"" + text + "\" is no block of IPv6 addresses: write one as in fd00:1:2:3::/64");
    }
    return new Subnet6(text.substring(0, slash), Integer.parseInt(bits));
  }

  /**
   * An address as RFC 5952 has it written, so that there is one text for each.
   *
   * @throws InvalidSpecException if it is none of IPv6, or has a scope
   */
  public static String address(String text) {
    return text(number(Objects.requireNonNull(text, "text")));
  }

  /**
   * The number of an address.
   *
   * @throws InvalidSpecException if it is none of IPv6, or has a scope
   */
  public static BigInteger number(String address) {
    Objects.requireNonNull(address, "address");
    return read(address)
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "\"" + address + "\" is no IPv6 address: write one as in fd00:1:2:3::5"));
  }

  private static Optional<BigInteger> read(String text) {
    if (text.indexOf('%') >= 0 || !InetAddresses.isInetAddress(text)) {
      return Optional.empty();
    }
    InetAddress address = InetAddresses.forString(text);
    return address instanceof Inet6Address // what is mapped from IPv4 is not
        ? Optional.of(new BigInteger(1, address.getAddress()))
        : Optional.empty();
  }

  /** The address that has a number. */
  public static String text(BigInteger number) {
    byte[] significant = Objects.requireNonNull(number, "number").toByteArray();
    byte[] address = new byte[BITS / Byte.SIZE];
    for (int i = 1; i <= Math.min(address.length, significant.length); i++) {
      address[address.length - i] = significant[significant.length - i];
    }
    try { // what is mapped from IPv4 is an address of IPv6 here, which by InetAddress it is not
      return InetAddresses.toAddrString(Inet6Address.getByAddress(null, address, -1));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + number, e);
    }
  }

  /** Its last address. */
  public String last() {
    return text(lastNumber());
  }

  private BigInteger lastNumber() {
    return number(first).add(BigInteger.ONE.shiftLeft(BITS - prefix)).subtract(BigInteger.ONE);
  }

  /** Whether an address is in it. */
  public boolean contains(String address) {
    BigInteger number = number(address);
    return number(first).compareTo(number) <= 0 && number.compareTo(lastNumber()) <= 0;
  }

  /** Whether all of another one is in it. */
  public boolean contains(Subnet6 other) {
    Objects.requireNonNull(other, "other");
    return prefix <= other.prefix && contains(other.first);
  }

  /** Whether they have an address in common. */
  public boolean overlaps(Subnet6 other) {
    Objects.requireNonNull(other, "other");
    return contains(other) || other.contains(this);
  }

  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
