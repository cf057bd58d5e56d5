package dev.pinnace.spi.storage;

/**
 * How a driver works for one engine root.
 *
 * @param userNamespace whether mounts are made inside a user namespace (rootless). Overlay then
 *     keeps its marks in {@code user.overlay.*} attributes. Default: no
 * @param syncOnCommit whether a layer is on the disk before it becomes visible (syncfs(2)), so that
 *     a power failure cannot leave a half-written one. Default: yes
 */
public record StorageOptions(boolean userNamespace, boolean syncOnCommit) {
  /** For root, with layers synced. */
  public static final StorageOptions DEFAULTS = new StorageOptions(false, true);

  /** The same with mounts inside a user namespace, or not. */
  public StorageOptions withUserNamespace(boolean inside) {
    return new StorageOptions(inside, syncOnCommit);
  }

  /** The same with layers synced before they become visible, or not. */
  public StorageOptions withSyncOnCommit(boolean sync) {
    return new StorageOptions(userNamespace, sync);
  }
}
