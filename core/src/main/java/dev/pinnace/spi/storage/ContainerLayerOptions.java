package dev.pinnace.spi.storage;

import java.util.OptionalLong;

/**
 * How a container's writable layer behaves.
 *
 * @param volatileSync whether the layer may be lost when the host crashes, in exchange for a
 *     container's end that never waits for the disk (overlay's {@code volatile}). For containers
 *     that are removed when they end. Drivers without such a thing have nothing to wait for and
 *     accept it. Default: no
 * @param sizeLimit how many bytes the container's files may take beyond what it begins with; a
 *     driver that cannot enforce it refuses. Default: as the disk allows
 */
public record ContainerLayerOptions(boolean volatileSync, OptionalLong sizeLimit) {
  /** Kept over a crash, without a limit. */
  public static final ContainerLayerOptions DEFAULTS =
      new ContainerLayerOptions(false, OptionalLong.empty());

  /** The same, safe over a crash of the host or not. */
  public ContainerLayerOptions withVolatileSync(boolean isVolatile) {
    return new ContainerLayerOptions(isVolatile, sizeLimit);
  }

  /** The same with at most {@code bytes} written. */
  public ContainerLayerOptions withSizeLimit(long bytes) {
    return new ContainerLayerOptions(volatileSync, OptionalLong.of(bytes));
  }
}
