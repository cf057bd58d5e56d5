package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.linux.Kernel.Architecture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The profile of a container that asks for none: Docker's, with one difference. The i386 call
 * {@code socketcall} answers ENOSYS, because a filter cannot see the address family it creates;
 * Docker denies AF_ALG there by AppArmor or SELinux instead.
 */
public final class DefaultSeccompProfile {
  private static final String RESOURCE = "default.json";
  private static final String JSON = read();

  private static final int MOST_COMPILED = 64;
  private static final Map<Target, SeccompFilter> COMPILED = new ConcurrentHashMap<>();

  private record Target(
      Set<String> capabilities, Architecture architecture, KernelVersion kernel) {}

  /** Read when somebody needs more than {@link CompiledDefault} has. */
  private static final class Parsed {
    static final SeccompProfile PROFILE = SeccompProfile.parse(JSON);
  }

  private DefaultSeccompProfile() {}

  /** The profile. */
  public static SeccompProfile get() {
    return Parsed.PROFILE;
  }

  /** Its text, a starting point for a profile of one's own. */
  public static String json() {
    return JSON;
  }

  /**
   * Its filter for a container as the kernel takes it: {@link SeccompFilter#bytes} of {@link
   * #filter}, which need not be compiled for the default capabilities.
   */
  public static byte[] bytes(
      Set<String> capabilities, Architecture architecture, KernelVersion kernel) {
    return CompiledDefault.find(capabilities, architecture, kernel)
        .orElseGet(() -> filter(capabilities, architecture, kernel).bytes());
  }

  /**
   * Its filter for a container. Compiled once for each set of capabilities.
   *
   * @param capabilities names of the bounding set, with or without {@code CAP_}
   */
  public static SeccompFilter filter(
      Set<String> capabilities, Architecture architecture, KernelVersion kernel) {
    if (COMPILED.size() >= MOST_COMPILED) {
      COMPILED.clear();
    }
    return COMPILED.computeIfAbsent(
        new Target(Set.copyOf(capabilities), architecture, kernel),
        target -> SeccompCompiler.compile(get(), capabilities, architecture, kernel));
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
