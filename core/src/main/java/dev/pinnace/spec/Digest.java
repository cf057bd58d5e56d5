package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A content digest, {@code sha256:} and 64 lower-case hex digits (image-spec, <i>Digests</i>). No
 * other algorithm is accepted: registries that use sha512 are not known.
 *
 * @param hex the 64 digits
 */
public record Digest(String hex) implements Comparable<Digest> {
  private static final String PREFIX = "sha256:";
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /**
   * @throws InvalidSpecException unless {@code hex} is 64 lower-case hex digits
   */
  public Digest {
    if (!HEX.matcher(hex).matches()) {
      throw new InvalidSpecException(
          "\""
              + Printable.line(hex)
              + "\" is not a SHA-256 digest: 64 lower-case hex digits are needed");
    }
  }

  /**
   * Reads {@code sha256:...}.
   *
   * @throws InvalidSpecException for another algorithm or malformed digits
   */
  public static Digest parse(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new InvalidSpecException(
          "\"" + Printable.line(text) + "\" is not a digest: it must start with " + PREFIX);
    }
    return new Digest(text.substring(PREFIX.length()));
  }

  /** The first twelve digits, as lists show them. */
  public String shortHex() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return PREFIX + hex;
  }

  // Written out, as every engine compares digests in its first call: what the compiler gives a
  // record instead takes the JVM milliseconds to set up.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Digest that && hex.equals(that.hex);
  }

  @Override
  public int hashCode() {
    return hex.hashCode();
  }
}
