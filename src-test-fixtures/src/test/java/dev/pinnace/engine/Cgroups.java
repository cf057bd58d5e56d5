package dev.pinnace.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Looks for what an engine's root has in the cgroup tree. */
final class Cgroups {
  private Cgroups() {}

  /** The cgroups of containers of the root at {@code root}; the supervisors' leaf is not one. */
  static List<Path> of(Path root) throws IOException {
    Path base = base(root);
    if (!Files.isDirectory(base)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(base)) {
      return children
          .filter(Files::isDirectory)
          .filter(p -> !p.endsWith("supervisors"))
          .sorted()
          .toList();
    }
  }

  /** Where the engines of a root have their cgroups. */
  static Path base(Path root) throws IOException {
    long device = ((Number) Files.getAttribute(root, "unix:dev")).longValue();
    long inode = ((Number) Files.getAttribute(root, "unix:ino")).longValue();
    return mount()
        .resolve("pinnace")
        .resolve(Long.toHexString(device) + "-" + Long.toHexString(inode));
  }

  private static Path mount() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
        .map(line -> line.split(" ", -1))
        .filter(mount -> mount[2].equals("cgroup2"))
        .map(mount -> Path.of(mount[1]))
        .findFirst()
        .orElse(Path.of("/nowhere"));
  }
}
