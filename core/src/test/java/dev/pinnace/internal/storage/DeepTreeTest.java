package dev.pinnace.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.spi.storage.Usage;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container can nest directories far beyond what a stack, a path or open files allow. */
class DeepTreeTest {
  private static final int LEVELS = 6_000;

  @TempDir Path directory;
  private Dir top;

  @BeforeEach
  void open() {
    top = Dir.open(directory);
  }

  @AfterEach
  void remove() {
    Trees.remove(top, "d");
    top.close();
  }

  /** Each level has the next one between two directories, which have a file each. */
  private void nest(int levels) {
    Dir at = top.duplicate();
    for (int level = 0; level < levels; level++) {
      at.mkdir("d", 0700);
      Dir below = Dir.of(at.open("d", Fcntl.O_PATH | Fcntl.O_DIRECTORY, 0), "nested");
      at.close();
      at = below;
      if (level % 100 == 0) {
        at.mkdir("a", 0700);
        file(at, "a/file");
        at.mkdir("z", 0700);
        file(at, "z/file");
      }
    }
    at.close();
  }

  private static void file(Dir dir, String name) {
    try (Fd file = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0600)) {
      file.write(new byte[] {1});
    }
  }

  @Test
  void usage_countsEveryLevelAndWhatIsBesideIt() {
    nest(LEVELS);
    try (Dir tree = top.openDir("d")) {
      Usage usage = Trees.usage(tree);
      assertThat(usage.entries()).isEqualTo(LEVELS + LEVELS / 100 * 4);
      assertThat(usage.bytes()).isGreaterThanOrEqualTo(LEVELS / 100 * 2 * 512);
    }
  }

  @Test
  void usage_ofWhatIsMovedMeanwhile_comesToAnEnd() throws InterruptedException {
    nest(300);
    Thread container = new Thread(this::moveAround, "container");
    container.start();
    try (Dir tree = top.openDir("d")) {
      for (int round = 0; round < 20; round++) {
        assertThat(Trees.usage(tree).entries()).isBetween(60L, 2L * (300 + 4 * 3));
      }
    } finally {
      container.interrupt();
      container.join();
    }
  }

  /** Takes the lower half of the tree to its top and back. */
  private void moveAround() {
    String half = "d/".repeat(149) + "d";
    while (!Thread.currentThread().isInterrupted()) {
      top.rename(half, "d/moved");
      top.rename("d/moved", half);
    }
  }
}
