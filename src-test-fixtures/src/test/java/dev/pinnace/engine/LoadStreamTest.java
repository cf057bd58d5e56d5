package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.layer.LayerArchive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Archives that come as a stream. */
class LoadStreamTest extends EngineFixture {
  @Test
  void load_stream_isKeptOnDiskAndNotInMemory() throws IOException {
    List<Path> during = new ArrayList<>();
    InputStream archive =
        new InputStream() {
          private final byte[] start = new LayerArchive().file("begins", "as a tar").bytes();
          private int at;
          private int left = 100_000;

          @Override
          public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
          }

          @Override
          public int read(byte[] to, int from, int length) throws IOException {
            if (at < start.length) {
              int count = Math.min(start.length - at, length);
              System.arraycopy(start, at, to, from, count);
              at += count;
              return count;
            }
            if (left > 0) {
              int count = Math.min(left, length);
              Arrays.fill(to, from, from + count, (byte) 'x');
              left -= count;
              return count;
            }
            during.addAll(files(root().resolve("content/ingest")));
            during.addAll(files(runDirectory()));
            return -1;
          }
        };
    assertThatThrownBy(() -> engine.images().load(archive)).isInstanceOf(PinnaceException.class);
    assertThat(during).isNotEmpty().allMatch(f -> f.startsWith(root().resolve("content/ingest")));
    assertThat(files(root().resolve("content/ingest"))).isEmpty();
    assertThat(files(root().resolve("leases"))).isEmpty();
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).filter(f -> !f.toString().endsWith(".lock")).toList();
    }
  }

  @Test
  void load_withoutEnd_isRefusedAtItsBeginning() {
    assertThatThrownBy(() -> engine.images().load(Path.of("/dev/zero")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("/dev/zero is not an image archive: it is not a tar");
    assertThat(root().resolve("content/ingest")).isEmptyDirectory();
  }
}
