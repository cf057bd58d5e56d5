package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.Dir;
import java.util.List;

/**
 * How a layer is applied.
 *
 * @param whiteouts what becomes of deletions; default {@link Whiteouts#OVERLAY}
 * @param ownership whose the files become; default {@link Ownership#KEEP}
 * @param lowers the layers below, topmost first, which give missing parents their attributes; they
 *     stay the caller's; default none
 * @param limits what the archive may ask for
 */
public record LayerOptions(
    Whiteouts whiteouts, Ownership ownership, List<Dir> lowers, LayerLimits limits) {

  /** What becomes of {@code .wh.NAME} and {@code .wh..wh..opq}. */
  public enum Whiteouts {
    /** A character device 0/0, and {@code trusted.overlay.opaque=y}. */
    OVERLAY,
    /** As OVERLAY, with {@code user.overlay.opaque=y}: for overlay mounted with userxattr. */
    OVERLAY_USER,
    /**
     * What the layers below brought is deleted, for a directory that holds a full copy of them;
     * what this layer brings stays.
     */
    REMOVE,
    /**
     * None are looked for: every name and device is what it is, as in an archive of files that is
     * no layer. What is there is replaced by its like only: not a directory by anything else, nor
     * anything else by a directory.
     */
    NONE
  }

  /** Whose the files become. */
  public enum Ownership {
    /** As the archive says; needs CAP_CHOWN. */
    KEEP,
    /**
     * All are the caller's. Devices and privileged attributes that the kernel then refuses are left
     * out with a warning.
     */
    SQUASH
  }

  public LayerOptions {
    lowers = List.copyOf(lowers);
  }

  boolean hasWhiteouts() {
    return whiteouts != Whiteouts.NONE;
  }

  /** Whether deletions are marked as overlayfs does. */
  boolean marks() {
    return whiteouts == Whiteouts.OVERLAY || whiteouts == Whiteouts.OVERLAY_USER;
  }

  /** The defaults above. */
  public static LayerOptions defaults() {
    return new LayerOptions(Whiteouts.OVERLAY, Ownership.KEEP, List.of(), LayerLimits.defaults());
  }

  public LayerOptions withWhiteouts(Whiteouts style) {
    return new LayerOptions(style, ownership, lowers, limits);
  }

  public LayerOptions withOwnership(Ownership policy) {
    return new LayerOptions(whiteouts, policy, lowers, limits);
  }

  public LayerOptions withLowers(List<Dir> below) {
    return new LayerOptions(whiteouts, ownership, below, limits);
  }

  public LayerOptions withLimits(LayerLimits allowed) {
    return new LayerOptions(whiteouts, ownership, lowers, allowed);
  }
}
