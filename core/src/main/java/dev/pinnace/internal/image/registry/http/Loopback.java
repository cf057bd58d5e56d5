package dev.pinnace.internal.image.registry.http;

import java.util.regex.Pattern;

/** Names of this host that no network can answer for: the name service is not asked. */
public final class Loopback {
  private static final Pattern V4 = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

  private Loopback() {}

  /** Whether {@code host}, an IPv6 address without brackets, is one. */
  public static boolean is(String host) {
    return host.equals("localhost")
        || host.equals("::1")
        || host.equals("0:0:0:0:0:0:0:1")
        || V4.matcher(host).matches();
  }
}
