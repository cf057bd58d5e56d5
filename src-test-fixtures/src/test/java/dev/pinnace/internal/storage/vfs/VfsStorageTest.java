package dev.pinnace.internal.storage.vfs;

import dev.pinnace.fixtures.storage.StorageContract;
import dev.pinnace.spi.storage.StorageDriverProvider;
import org.junit.jupiter.api.Tag;

@Tag("vm-too")
class VfsStorageTest extends StorageContract {
  @Override
  public StorageDriverProvider provider() {
    return new VfsProvider();
  }
}
