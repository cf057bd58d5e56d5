package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of IPv4 addresses, as in {@code 172.18.0.0/16}. Immutable.
 *
 * @param first its first address as a number, 0 to 2^32 - 1: the network's own
 * @param prefix how many bits its addresses have in common, 0 to 32
 */
public record Subnet(long first, int prefix) {
  private static final Pattern ADDRESS =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final int BITS = 32;

  public Subnet {
    if (prefix < 0 || prefix > BITS || first < 0 || first >= 1L << BITS) {
      String begin = first < 0 || first >= 1L << BITS ? Long.toString(first) : text(first);
      throw new InvalidSpecException("no block of IPv4 addresses: " + begin + "/" + prefix);
    }
    if (first % size(prefix) != 0) {
      throw new InvalidSpecException(
          text(first)
              + "/"
              + prefix
              + " does not begin where a block of that size does: write "
              + text(first - first % size(prefix))
              + "/"
              + prefix);
    }
  }

  /**
   * The block that {@code text} means.
   *
   * @throws InvalidSpecException if it means none
   */
  public static Subnet parse(String text) {
    Objects.requireNonNull(text, "text");
    int slash = text.indexOf('/');
    Optional<Long> address = slash < 0 ? Optional.empty() : number(text.substring(0, slash));
    String bits = text.substring(slash + 1);
    if (address.isEmpty() || !bits.matches("\\d{1,2}")) {
      throw new InvalidSpecException(
          "\"" + text + "\" is no block of IPv4 addresses: write one as in 172.28.0.0/16");
    }
    return new Subnet(address.get(), Integer.parseInt(bits));
  }

  /**
   * The number of an address such as {@code 172.18.0.2}.
   *
   * @throws InvalidSpecException if it is none
   */
  public static long address(String text) {
    Objects.requireNonNull(text, "text");
    return number(text)
        .orElseThrow(
            () ->
                new InvalidSpecException(
                    "\"" + text + "\" is no IPv4 address: write one as in 172.28.0.5"));
  }

  private static Optional<Long> number(String text) {
    Matcher parts = ADDRESS.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    long number = 0;
    for (int i = 1; i <= parts.groupCount(); i++) {
      int part = Integer.parseInt(parts.group(i));
      if (part > 255) {
        return Optional.empty();
      }
      number = number << Byte.SIZE | part;
    }
    return Optional.of(number);
  }

  /** An address as it is written. */
  public static String text(long address) {
    return (address >> 24 & 255)
        + "."
        + (address >> 16 & 255)
        + "."
        + (address >> 8 & 255)
        + "."
        + (address & 255);
  }

  private static long size(int prefix) {
    return 1L << (BITS - prefix);
  }

  /** How many addresses it has. */
  public long size() {
    return size(prefix);
  }

  /** Its last address, which means all of them. */
  public long last() {
    return first + size() - 1;
  }

  /** Whether an address is in it. */
  public boolean contains(long address) {
    return address >= first && address <= last();
  }

  /** Whether all of another one is in it. */
  public boolean contains(Subnet other) {
    Objects.requireNonNull(other, "other");
    return contains(other.first()) && contains(other.last());
  }

  /** Whether they have an address in common. */
  public boolean overlaps(Subnet other) {
    Objects.requireNonNull(other, "other");
    return first <= other.last() && other.first() <= last();
  }

  @Override
  public String toString() {
    return text(first) + "/" + prefix;
  }
}
