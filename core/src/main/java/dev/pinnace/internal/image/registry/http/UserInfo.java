package dev.pinnace.internal.image.registry.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The part of an address before {@code @}: {@code USER[:PASSWORD]}, percent-encoded (RFC 3986). */
public final class UserInfo {
  private UserInfo() {}

  /** An address without it, be the rest as it may; for an address that parses. */
  public static String without(String address) {
    return address.replaceFirst("//[^/?#]*@", "//");
  }

  /**
   * An address as it may be shown, without all that could be meant for a password: one that is not
   * percent-encoded may have any character.
   */
  public static String hidden(String address) {
    return address.replaceFirst("(?s)//.*@", "//");
  }

  /**
   * The value of {@code Authorization} that says it (RFC 7617).
   *
   * @throws IllegalArgumentException if a {@code %} is followed by no number
   */
  public static String basic(String encoded) {
    String decoded = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    String both = decoded.indexOf(':') < 0 ? decoded + ":" : decoded;
    return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
  }
}
