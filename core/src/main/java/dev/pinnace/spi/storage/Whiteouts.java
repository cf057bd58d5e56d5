package dev.pinnace.spi.storage;

/** How the deletion of something in a layer below is written into a tree. */
public enum Whiteouts {
  /**
   * A character device 0/0 in place of the name; {@code trusted.overlay.opaque=y} on a directory
   * that hides everything below it.
   */
  OVERLAY,
  /** As {@link #OVERLAY}, with {@code user.overlay.opaque=y}: overlay mounted with userxattr. */
  OVERLAY_USER,
  /** The tree holds what is below: the name is removed, or the directory emptied. */
  REMOVE
}
