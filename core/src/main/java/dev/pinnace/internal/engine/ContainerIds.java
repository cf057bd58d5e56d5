package dev.pinnace.internal.engine;

import dev.pinnace.internal.layer.IdMap;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import java.nio.file.Path;

/** Whose the files of containers are on the host. */
final class ContainerIds {
  private ContainerIds() {}

  /** Those of the layers of images. */
  static IdMap stored(Parts parts) {
    if (parts.ids()) {
      return IdMap.NONE;
    }
    try (Dir self = Dir.open(Path.of("/proc/self"))) {
      FileStat process = self.stat();
      return new IdMap(process.uid(), process.gid(), 1);
    }
  }

  /** Those that the container has written, and all that its processes see. */
  static IdMap written(Parts parts, ContainerRecord record) {
    return record
        .spec()
        .namespaces()
        .userMap()
        .map(map -> new IdMap(map.hostUid(), map.hostGid(), map.size()))
        .orElseGet(() -> stored(parts));
  }
}
