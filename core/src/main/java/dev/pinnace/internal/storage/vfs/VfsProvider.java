package dev.pinnace.internal.storage.vfs;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.storage.ProbeDirectory;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileCopy;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageDriverProvider;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import dev.pinnace.spi.storage.StorageProbe.Feature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Makes {@code vfs} drivers: they work wherever files can be written. */
public final class VfsProvider implements StorageDriverProvider {
  static final String NAME = "vfs";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int preference() {
    return 0;
  }

  @Override
  public StorageProbe probe(Path directory, StorageOptions options) {
    try (ProbeDirectory probe = ProbeDirectory.make(directory)) {
      return new StorageProbe(NAME, List.of(Feature.works("files"), reflink(probe.dir())));
    } catch (PinnaceException failure) {
      return new StorageProbe(
          NAME,
          List.of(
              Feature.missing(
                  "files",
                  String.valueOf(failure.getMessage()),
                  "choose a root directory that this user may write")));
    }
  }

  private static Feature reflink(Dir dir) {
    int create = Fcntl.O_RDWR | Fcntl.O_CREAT;
    try (Fd from = dir.open("from", create, 0600);
        Fd to = dir.open("to", create, 0600)) {
      from.write("probe".getBytes(StandardCharsets.UTF_8));
      return FileCopy.copy(from, to) == FileCopy.Method.REFLINK
          ? Feature.works("reflink")
          : Feature.absent(
              "reflink",
              "the file system cannot share blocks, so each layer and container is a full copy",
              "put the root on btrfs, or on xfs with reflink=1");
    }
  }

  @Override
  public StorageDriver open(Path directory, StorageOptions options) {
    return new VfsDriver(directory, options);
  }
}
