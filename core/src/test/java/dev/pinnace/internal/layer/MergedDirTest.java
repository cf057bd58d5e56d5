package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.internal.layer.LayerView.Part;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spi.storage.Whiteouts;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedDirTest {
  @TempDir private Path directory;

  /** How many descriptors of this process are on the directory. */
  private int descriptors() throws IOException {
    int count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : all) {
        try {
          count += Files.readSymbolicLink(descriptor).equals(directory) ? 1 : 0;
        } catch (NoSuchFileException closed) {
          // Some other thread's, or that of the listing.
        }
      }
    }
    return count;
  }

  @Test
  void of_partsOfWhichOneIsClosed_leavesNoneOpen() throws IOException {
    try (Dir open = Dir.open(directory)) {
      Dir closed = Dir.open(directory);
      closed.close();
      List<Part> parts =
          List.of(new Part(open, IdMap.NONE, true), new Part(closed, IdMap.NONE, true));
      assertThat(descriptors()).isOne();
      assertThatThrownBy(() -> MergedDir.of(parts, Whiteouts.REMOVE))
          .isInstanceOf(RuntimeException.class);
      assertThat(descriptors()).isOne();
    }
  }
}
