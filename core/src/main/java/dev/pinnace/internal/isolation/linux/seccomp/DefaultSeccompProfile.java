package dev.pinnace.internal.isolation.linux.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The profile of a container that asks for none: Docker's, with one difference. The i386 call
 * {@code socketcall} answers ENOSYS, because a filter cannot see the address family it creates;
 * Docker denies AF_ALG there by AppArmor or SELinux instead.
 */
public final class DefaultSeccompProfile {
  private static final String RESOURCE = "default.json";
  private static final String JSON = read();
  private static final SeccompProfile PROFILE = SeccompProfile.parse(JSON);

  private DefaultSeccompProfile() {}

  /** The profile. */
  public static SeccompProfile get() {
    return PROFILE;
  }

  /** Its text, a starting point for a profile of one's own. */
  public static String json() {
    return JSON;
  }

  private static String read() {
    try (InputStream in = DefaultSeccompProfile.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "the resource " + RESOURCE + " is missing beside " + DefaultSeccompProfile.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
