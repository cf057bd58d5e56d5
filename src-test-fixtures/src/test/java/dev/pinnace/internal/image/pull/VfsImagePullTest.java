package dev.pinnace.internal.image.pull;

import dev.pinnace.internal.storage.vfs.VfsProvider;
import dev.pinnace.spi.storage.StorageDriverProvider;

/** The same where each layer begins as a copy of the one below, so that none is filled ahead. */
class VfsImagePullTest extends ImagePullTest {
  @Override
  StorageDriverProvider provider() {
    return new VfsProvider();
  }
}
