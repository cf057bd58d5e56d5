package dev.pinnace.internal.image.registry.http;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Locale;

/**
 * {@code NO_PROXY}: what is spoken to without a proxy, as programs written in Go read it. Its
 * entries, commas apart, are {@code *} for everything; an address; a network {@code 10.0.0.0/8}; a
 * name, for itself and what is below it; {@code .name} or {@code *.name} for what is below it
 * alone. All but networks may have a port.
 */
final class NoProxy {
  private NoProxy() {}

  /** Whether one of {@code entries} names a place. What is no entry names nothing. */
  static boolean names(String entries, Origin place) {
    for (String entry : entries.toLowerCase(Locale.ROOT).split(",", -1)) {
      if (fits(entry.strip(), place)) {
        return true;
      }
    }
    return false;
  }

  private static boolean fits(String entry, Origin place) {
    int slash = entry.indexOf('/');
    if (slash >= 0) {
      return isWithin(entry.substring(0, slash), entry.substring(slash + 1), place.host());
    }
    int colon = entry.lastIndexOf(':');
    boolean hasPort = colon >= 0 && (entry.indexOf(':') == colon || entry.charAt(colon - 1) == ']');
    if (hasPort && !entry.substring(colon + 1).equals(String.valueOf(place.port()))) {
      return false;
    }
    String name = hasPort ? entry.substring(0, colon) : entry;
    String bare = name.startsWith("[") ? name.replaceAll("[\\[\\]]", "") : name;
    if (InetAddresses.isInetAddress(bare) && InetAddresses.isInetAddress(place.host())) {
      return InetAddresses.forString(bare).equals(InetAddresses.forString(place.host()));
    }
    return isBelow(bare, place.host());
  }

  private static boolean isBelow(String name, String host) {
    String suffix = name.startsWith("*.") ? name.substring(1) : name;
    return suffix.startsWith(".")
        ? host.endsWith(suffix)
        : name.equals("*") || (!name.isEmpty() && (host.equals(name) || host.endsWith("." + name)));
  }

  private static boolean isWithin(String network, String length, String host) {
    if (!InetAddresses.isInetAddress(network)
        || !InetAddresses.isInetAddress(host)
        || !length.matches("[0-9]{1,3}")) {
      return false;
    }
    InetAddress base = InetAddresses.forString(network);
    byte[] wanted = base.getAddress();
    byte[] actual = InetAddresses.forString(host).getAddress();
    int bits = Integer.parseInt(length);
    if (wanted.length != actual.length || bits > Byte.SIZE * wanted.length) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int bit = 0x80 >> i % Byte.SIZE;
      if (((wanted[i / Byte.SIZE] ^ actual[i / Byte.SIZE]) & bit) != 0) {
        return false;
      }
    }
    return true;
  }
}
