package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import java.nio.file.Path;

/** Makes {@code overlayfs} drivers. */
public final class OverlayProvider implements StorageDriverProvider {
  static final String NAME = "overlayfs";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int preference() {
    return 100;
  }

  @Override
  public StorageProbe probe(Path directory, StorageOptions options) {
    return new OverlayProbe(directory, options).run();
  }

  @Override
  public StorageDriver open(Path directory, StorageOptions options) {
    return new OverlayDriver(directory, options);
  }
}
