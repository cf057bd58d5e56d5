package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading log files while they are rotated, with each step of a rotation at each possible time. */
class LogFilesTest {
  private static final int LOOKS = 30;
  private static final int[] STEPS = {1, 2, 3, 4, 5, 6, 7, 9, 13, 50};

  @TempDir Path temporary;

  /** A supervisor as far as the log sees it: appends numbered frames, and rotates step by step. */
  private static final class Writer {
    private final Path directory;
    private final int files;
    private int written;

    /** What the rotation renames next; 0 when the next step appends. */
    private int renaming;

    Writer(Path directory, int files) {
      this.directory = directory;
      this.files = files;
    }

    private Path file(int number) {
      return directory.resolve(number == 0 ? "log" : "log." + number);
    }

    /** Each third frame fills its file. */
    void step() throws IOException {
      if (renaming == 0) {
        append();
        renaming = written % 3 == 0 ? Math.max(1, files - 1) : 0;
        return;
      }
      if (files == 1) {
        Files.delete(file(0));
        renaming = 0;
        return;
      }
      if (Files.exists(file(renaming - 1))) {
        Files.move(file(renaming - 1), file(renaming), StandardCopyOption.REPLACE_EXISTING);
      }
      renaming--;
    }

    private void append() throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      frame.putInt(4).put((byte) 1).put((byte) 0).putShort((short) 0).putLong(0);
      frame.putInt(written++).putInt(4);
      Files.write(file(0), frame.array(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  /** Lets the writer make steps just before one of the looks. */
  private static final class Disturbed extends LogDirectory {
    private final Writer writer;
    private int looksBefore;
    private int steps;

    Disturbed(Path directory, Writer writer, int looksBefore, int steps) {
      super(directory);
      this.writer = writer;
      this.looksBefore = looksBefore;
      this.steps = steps;
    }

    private void disturb() throws IOException {
      if (looksBefore-- == 0) {
        while (steps-- > 0) {
          writer.step();
        }
      }
    }

    @Override
    Optional<Object> key(int number) throws IOException {
      disturb();
      return super.key(number);
    }

    @Override
    Optional<FileChannel> open(int number) throws IOException {
      disturb();
      return super.open(number);
    }
  }

  private List<Integer> readDisturbed(int files, int early, int looks, int steps)
      throws IOException {
    Path directory = Files.createTempDirectory(temporary, "logs");
    Writer writer = new Writer(directory, files);
    for (int i = 0; i < early; i++) {
      writer.step();
    }
    List<Integer> seen = new ArrayList<>();
    Disturbed disturbed = new Disturbed(directory, writer, looks, steps);
    try (LogFiles log = new LogFiles(disturbed)) {
      read(log, seen);
      disturbed.steps = 0;
      finish(writer);
      read(log, seen);
    }
    assertThat(seen).as("the last one").endsWith(writer.written - 1);
    delete(directory);
    return seen;
  }

  /** To the end of a rotation, and one frame more. */
  private static void finish(Writer writer) throws IOException {
    while (writer.renaming != 0) {
      writer.step();
    }
    writer.step();
  }

  private static void read(LogFiles log, List<Integer> into) {
    log.read(
        frame -> into.add(frame.data().order(ByteOrder.LITTLE_ENDIAN).getInt(0)), number -> {});
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(
          file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    Files.delete(directory);
  }

  @Test
  void read_whileRotated_seesEveryFrameOnceAndInOrder() throws IOException {
    for (int early : new int[] {1, 3, 40}) {
      for (int looks = 0; looks < LOOKS; looks++) {
        for (int steps : STEPS) {
          List<Integer> seen = readDisturbed(50, early, looks, steps);
          assertThat(seen)
              .as("after %d steps, %d more before look %d", early, steps, looks)
              .isEqualTo(IntStream.range(0, seen.size()).boxed().toList());
        }
      }
    }
  }

  @Test
  void read_whileRotatedAway_neverGoesBack() throws IOException {
    for (int files = 1; files <= 3; files++) {
      for (int looks = 0; looks < LOOKS; looks++) {
        for (int steps : STEPS) {
          assertThat(readDisturbed(files, 7, looks, steps))
              .as("of %d files, %d steps before look %d", files, steps, looks)
              .isSorted()
              .doesNotHaveDuplicates();
        }
      }
    }
  }

  @Test
  void read_holeOfAKilledSupervisor_isPassed() throws IOException {
    Writer writer = new Writer(temporary, 4);
    while (!Files.exists(temporary.resolve("log.3"))) {
      writer.step();
    }
    while (writer.renaming != 2) {
      writer.step();
    }
    assertThat(temporary.resolve("log.2")).doesNotExist();
    List<Integer> seen = new ArrayList<>();
    try (LogFiles log = new LogFiles(temporary)) {
      read(log, seen);
    }
    assertThat(seen).isEqualTo(IntStream.range(seen.get(0), writer.written).boxed().toList());
  }
}
