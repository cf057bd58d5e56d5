package dev.pinnace.internal.network;

import java.nio.file.Files;
import java.nio.file.Path;

/** Settings of IPv6 of the network namespace that the calling thread is in. */
final class SixthSettings {
  /** A kernel without IPv6, or with it switched off, has no such file. */
  private static final Path SIXTH = Path.of("/proc/net/if_inet6");

  private static final String PASSED_ON = "ipv6/conf/all/forwarding";

  private SixthSettings() {}

  /** Whether this kernel has IPv6. */
  static boolean isThere() {
    return Files.exists(SIXTH);
  }

  /** Has nothing passed on between networks, which may be inherited from the host. */
  static void settle() {
    Router.write(PASSED_ON, "0", false);
  }

  /**
   * Lets an interface, which must be down, have IPv6: it takes neither addresses nor routes that
   * others on its network tell, and may use its own at once, without asking whose they are.
   */
  static void on(String link) {
    set(link, "accept_ra", "0");
    set(link, "autoconf", "0");
    set(link, "accept_redirects", "0");
    set(link, "accept_dad", "0");
    set(link, "disable_ipv6", "0");
  }

  static void off(String link) {
    set(link, "disable_ipv6", "1");
  }

  private static void set(String link, String setting, String value) {
    Router.write("ipv6/conf/" + link + "/" + setting, value, false);
  }
}
