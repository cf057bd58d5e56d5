package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.linux.Kernel;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first two numbers of a kernel's release, all that a profile may ask for.
 *
 * @param major 6 of 6.18
 * @param minor 18 of 6.18
 */
public record KernelVersion(int major, int minor) {
  private static final Pattern BEGINNING = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*");
  private static final Pattern EXACT = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})");

  /** The kernel below this JVM; 0.0 where its release is not to be read. */
  public static KernelVersion current() {
    return match(BEGINNING, Kernel.release()).orElse(new KernelVersion(0, 0));
  }

  /** Reads {@code major.minor} and nothing more. */
  static Optional<KernelVersion> parse(String text) {
    return match(EXACT, text);
  }

  private static Optional<KernelVersion> match(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new KernelVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** Whether this is the other or newer. */
  boolean atLeast(KernelVersion other) {
    return major > other.major || (major == other.major && minor >= other.minor);
  }
}
