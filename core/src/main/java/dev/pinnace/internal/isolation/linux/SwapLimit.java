package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeConfig.Resources;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The limit of swap where the kernel does not count it: without CONFIG_SWAP, or with {@code
 * swapaccount=0}. Whoever limits memory gets one by default, as much swap as memory, and does
 * without it then; one that was asked for cannot be had.
 */
final class SwapLimit {
  static final String MEMORY = "memory.max";
  static final String SWAP = "memory.swap.max";

  private SwapLimit() {}

  /**
   * The configuration without it.
   *
   * @throws UnsupportedException if another limit than the default was asked for
   */
  static RuntimeConfig leftOut(RuntimeConfig config) {
    return config.withResources(leftOut(config.linux().resources()));
  }

  /** The same of limits alone. */
  static Resources leftOut(Resources asked) {
    Map<String, String> files = new LinkedHashMap<>(asked.unified());
    String swap = files.remove(SWAP);
    if (swap != null && !swap.equals("max") && !swap.equals(files.get(MEMORY))) {
      throw new UnsupportedException(
          "the limit " + SWAP,
          "this kernel does not count swap",
          "boot without swapaccount=0, with a kernel that has CONFIG_SWAP, or leave the limit of"
              + " swap out");
    }
    return new Resources(files, asked.cgroupDevices());
  }
}
