package dev.pinnace.engine;

import dev.pinnace.Container;
import dev.pinnace.spec.ContainerSpecBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Files to copy, and containers that run or do not. */
abstract class CopyFixture extends EngineFixture {
  static final Instant TIME = Instant.parse("2020-02-02T02:02:02Z");

  @TempDir Path host;

  /** What a container does when something is copied. */
  enum Doing {
    NOTHING_YET,
    RUNNING,
    PAUSED,
    NOTHING_MORE
  }

  @BeforeEach
  void makeFiles() throws IOException {
    Path dir = Files.createDirectories(host.resolve("dir/sub"));
    Files.writeString(dir.resolve("two"), "2");
    Path one = Files.writeString(host.resolve("dir/one"), "1");
    Files.createSymbolicLink(host.resolve("dir/link"), Path.of("one"));
    Files.createLink(host.resolve("dir/hard"), one);
    Files.setPosixFilePermissions(one, PosixFilePermissions.fromString("rwxr-x--x"));
    Files.setAttribute(one, "user:colour", "red".getBytes(StandardCharsets.UTF_8));
    Files.setAttribute(one, "unix:uid", 1234);
    Files.setLastModifiedTime(one, FileTime.from(TIME));
    Files.createSymbolicLink(host.resolve("to-dir"), Path.of("dir"));
  }

  Container in(Doing doing, ContainerSpecBuilder spec) {
    Container container = engine.containers().create(spec);
    if (doing != Doing.NOTHING_YET) {
      container.start();
      ready(container);
    }
    if (doing == Doing.PAUSED) {
      container.pause();
    }
    if (doing == Doing.NOTHING_MORE) {
      container.stop();
    }
    return container;
  }

  static List<String> tree(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(path -> !path.equals(root))
          .map(path -> root.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  static String stdout(Container container, String... command) {
    return container.execute(command).stdout();
  }
}
