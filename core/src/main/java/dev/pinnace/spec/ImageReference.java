package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image, {@code domain/path[:tag][@digest]}, parsed and normalised as Docker's
 * command line does: {@code busybox} is {@code docker.io/library/busybox}. A reference without tag
 * and digest stays so until {@link #withDefaultTag()}. Immutable.
 *
 * @see <a href="https://github.com/distribution/reference">the grammar</a>
 */
public final class ImageReference {
  private static final String DEFAULT_DOMAIN = "docker.io";
  private static final String LEGACY_DEFAULT_DOMAIN = "index.docker.io";
  private static final String OFFICIAL = "library/";
  private static final String DEFAULT_TAG = "latest";
  private static final int LONGEST_PATH = 255;
  private static final int LONGEST_REFERENCE = 4096;

  private static final String LABEL = "[a-zA-Z0-9][a-zA-Z0-9-]*+(?<!-)";
  private static final Pattern DOMAIN =
      Pattern.compile("(?:" + LABEL + "(?:\\." + LABEL + ")*+|\\[[a-fA-F0-9:]++\\])(?::[0-9]++)?+");
  private static final Pattern COMPONENT =
      Pattern.compile("[a-z0-9]++(?:(?:[._]|__|-++)[a-z0-9]++)*+");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

  private final String domain;
  private final String path;
  private final @Nullable String tag;
  private final @Nullable Digest digest;

  private ImageReference(
      String domain, String path, @Nullable String tag, @Nullable Digest digest) {
    this.domain = domain;
    this.path = path;
    this.tag = tag;
    this.digest = digest;
  }

  /**
   * Reads a reference as a user types it.
   *
   * @throws InvalidSpecException naming the part that is wrong
   */
  public static ImageReference parse(String text) {
    if (text.isEmpty()) {
      throw new InvalidSpecException(
          "an image reference must not be empty; write for example alpine:3.20");
    }
    if (text.length() > LONGEST_REFERENCE) {
      throw new InvalidSpecException(
          "an image reference of " + text.length() + " characters is too long");
    }
    if (text.contains("://")) {
      throw wrong(text, "it is no URL: leave out what is before \"://\"");
    }
    if (IDENTIFIER.matcher(text).matches()) {
      throw wrong(text, "64 hex digits are an image's id, not a name");
    }
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = parseDigest(text, rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String domain = DEFAULT_DOMAIN;
    int slash = rest.indexOf('/');
    if (slash >= 0 && looksLikeDomain(rest.substring(0, slash))) {
      domain = rest.substring(0, slash);
      rest = rest.substring(slash + 1);
    }
    String tag = null;
    int colon = rest.indexOf(':');
    if (colon >= 0) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      checkTag(text, tag);
    }
    if (domain.equals(LEGACY_DEFAULT_DOMAIN)) {
      domain = DEFAULT_DOMAIN;
    }
    if (!DOMAIN.matcher(domain).matches()) {
      throw wrong(text, "\"" + domain + "\" is not a registry's host name with optional port");
    }
    checkPath(text, rest);
    if (domain.equals(DEFAULT_DOMAIN) && rest.indexOf('/') < 0) {
      rest = OFFICIAL + rest;
    }
    if (rest.length() > LONGEST_PATH) {
      throw wrong(text, "the repository name is longer than " + LONGEST_PATH + " characters");
    }
    return new ImageReference(domain, rest, tag, digest);
  }

  private static boolean looksLikeDomain(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || !first.toLowerCase(Locale.ROOT).equals(first);
  }

  private static Digest parseDigest(String text, String digest) {
    try {
      return Digest.parse(digest);
    } catch (InvalidSpecException refusal) {
      throw new InvalidSpecException(
          Printable.line("\"" + text + "\" is not an image reference: " + refusal.getMessage()),
          refusal);
    }
  }

  private static void checkTag(String text, String tag) {
    if (!TAG.matcher(tag).matches()) {
      throw wrong(
          text,
          tag.isEmpty()
              ? "nothing follows the colon"
              : "the tag \""
                  + tag
                  + "\" must be at most 128 letters, digits, \"_\", \".\" and \"-\", and not start"
                  + " with \".\" or \"-\"");
    }
  }

  private static void checkPath(String text, String path) {
    if (path.isEmpty()) {
      throw wrong(text, "the repository name is missing");
    }
    for (String component : path.split("/", -1)) {
      Matcher matcher = COMPONENT.matcher(component);
      if (matcher.matches()) {
        continue;
      }
      if (component.isEmpty()) {
        throw wrong(text, "the repository name has an empty component");
      }
      if (!component.equals(component.toLowerCase(Locale.ROOT))) {
        throw wrong(text, "the repository name \"" + path + "\" must be lower case");
      }
      throw wrong(
          text,
          "\""
              + component
              + "\" must be letters and digits, joined by single \".\", by \"_\", \"__\" or by"
              + " \"-\"");
    }
  }

  private static InvalidSpecException wrong(String text, String why) {
    return new InvalidSpecException(
        Printable.line("\"" + text + "\" is not an image reference: " + why));
  }

  /** The registry's host and optional port, {@code docker.io} where none was given. */
  public String domain() {
    return domain;
  }

  /** The repository's path in the registry, {@code library/busybox}. */
  public String path() {
    return path;
  }

  /** The full repository name, {@code docker.io/library/busybox}. */
  public String repository() {
    return domain + "/" + path;
  }

  /** The tag, if one was given. */
  public Optional<String> tag() {
    return Optional.ofNullable(tag);
  }

  /** The digest, if one was given; it then decides, and the tag is for people. */
  public Optional<Digest> digest() {
    return Optional.ofNullable(digest);
  }

  /** This reference with {@code :latest} unless it has a tag or a digest. */
  public ImageReference withDefaultTag() {
    return tag == null && digest == null ? withTag(DEFAULT_TAG) : this;
  }

  /**
   * The same repository with another tag and without digest.
   *
   * @throws InvalidSpecException when the tag is malformed
   */
  public ImageReference withTag(String newTag) {
    Objects.requireNonNull(newTag, "newTag");
    checkTag(repository() + ":" + newTag, newTag);
    return new ImageReference(domain, path, newTag, null);
  }

  /** The same repository and tag with a digest. */
  public ImageReference withDigest(Digest newDigest) {
    Objects.requireNonNull(newDigest, "newDigest");
    return new ImageReference(domain, path, tag, newDigest);
  }

  /** The repository as Docker shows it: without {@code docker.io/} and {@code library/}. */
  public String familiarName() {
    if (!domain.equals(DEFAULT_DOMAIN)) {
      return repository();
    }
    boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
    return official ? path.substring(OFFICIAL.length()) : path;
  }

  /** The whole reference as Docker shows it, {@code busybox:1.36}. */
  public String familiar() {
    return familiarName() + suffix();
  }

  private String suffix() {
    return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ImageReference that && toString().equals(that.toString());
  }

  @Override
  public int hashCode() {
    return toString().hashCode();
  }

  /** The normalised reference, {@code docker.io/library/busybox:1.36}. */
  @Override
  public String toString() {
    return repository() + suffix();
  }
}
