package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import dev.pinnace.linux.Kernel;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an image runs on: operating system, architecture and, where it matters, the architecture's
 * variant, in the names of image indexes (GOOS, GOARCH). Usual other names are normalised: {@code
 * x86_64} is {@code amd64}, {@code aarch64} and {@code arm64/v8} are {@code arm64}, {@code arm} is
 * {@code arm/v7}.
 *
 * @param os {@code linux}
 * @param architecture {@code amd64}
 * @param variant {@code v7} of {@code arm}; empty where there is none
 * @see <a href="https://github.com/opencontainers/image-spec/blob/main/image-index.md">image-spec,
 *     image index, platform</a>
 */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]*");

  /**
   * @throws InvalidSpecException unless each part is of letters, digits, {@code _}, {@code .} and
   *     {@code -}
   */
  public Platform {
    if (os.isEmpty() || architecture.isEmpty()) {
      throw new InvalidSpecException("a platform needs an operating system and an architecture");
    }
    for (String part : new String[] {os, architecture, variant}) {
      if (!WORD.matcher(part).matches()) {
        throw new InvalidSpecException(
            "\"" + Printable.line(part) + "\" is not a part of a platform's name");
      }
    }
    os = os.toLowerCase(Locale.ROOT);
    architecture = architecture.toLowerCase(Locale.ROOT);
    variant = variant.toLowerCase(Locale.ROOT);
    switch (architecture) {
      case "x86_64", "x86-64", "amd64" -> {
        architecture = "amd64";
        variant = variant.equals("v1") ? "" : variant;
      }
      case "aarch64", "arm64" -> {
        architecture = "arm64";
        variant = variant.equals("8") || variant.equals("v8") ? "" : variant;
      }
      case "i386", "i486", "i586", "i686" -> architecture = "386";
      case "armhf" -> {
        architecture = "arm";
        variant = "v7";
      }
      case "armel" -> {
        architecture = "arm";
        variant = "v6";
      }
      case "arm" -> {
        if (variant.isEmpty()) {
          variant = "v7";
        } else if (Character.isDigit(variant.charAt(0))) {
          variant = "v" + variant;
        }
      }
      default -> {}
    }
  }

  /** A platform without variant. */
  public Platform(String os, String architecture) {
    this(os, architecture, "");
  }

  /** The platform of this JVM. */
  public static Platform host() {
    return new Platform("linux", Kernel.architecture().ociName());
  }

  /**
   * Reads {@code os/architecture[/variant]}.
   *
   * @throws InvalidSpecException when it is anything else
   */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new InvalidSpecException(
          "\""
              + Printable.line(text)
              + "\" is not a platform; write os/architecture, for example linux/amd64");
    }
    return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
  }

  /** Whether an image for {@code image} runs here: the same system, and no newer processor. */
  public boolean runs(Platform image) {
    if (!os.equals(image.os) || !architecture.equals(image.architecture)) {
      return false;
    }
    return image.variant.isEmpty()
        || image.variant.equals(variant)
        || (!variant.isEmpty() && image.variant.compareTo(variant) < 0);
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
