package dev.pinnace.spec;

/**
 * How files are copied into a container or out of it. Immutable; {@link #DEFAULTS} to begin with.
 *
 * @param followLinks whether a source that is a symbolic link is copied as what it leads to; links
 *     below a directory stay links in any case; false by default
 * @param keepOwners whether copies keep user and group of the source, by their numbers, and on the
 *     host set-user-ID and set-group-ID bits, devices and privileged attributes; false by default:
 *     what is copied in belongs to the container's root, and what is copied out to this process's
 *     user
 */
public record CopyOptions(boolean followLinks, boolean keepOwners) {
  public static final CopyOptions DEFAULTS = new CopyOptions(false, false);

  /** With what a link leads to in place of the link. */
  public CopyOptions withFollowedLinks() {
    return new CopyOptions(true, keepOwners);
  }

  /** With the owners of the source. */
  public CopyOptions withOwners() {
    return new CopyOptions(followLinks, true);
  }
}
