package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.LogLine;
import dev.pinnace.spec.LogQuery;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames, lines that span them, rotation. */
class LogReaderTest {
  private static final int UNFINISHED = 1;
  private static final int CONTINUES = 2;

  @TempDir private Path directory;

  /** By stream, whether a line was open at the end of its last frame. */
  private final boolean[] inside = new boolean[4];

  /** The next frame that a supervisor writes. */
  private byte[] frame(int stream, long nanos, String text) {
    return frame(stream, nanos, text.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] frame(int stream, long nanos, byte[] data) {
    int flags = inside[stream] ? CONTINUES : 0;
    inside[stream] = data[data.length - 1] != '\n';
    return ByteBuffer.allocate(20 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(data.length)
        .put((byte) stream)
        .put((byte) (flags | (inside[stream] ? UNFINISHED : 0)))
        .putShort((short) 0)
        .putLong(nanos)
        .put(data)
        .putInt(data.length)
        .array();
  }

  private void append(String file, byte[]... frames) throws IOException {
    for (byte[] frame : frames) {
      Files.write(
          directory.resolve(file), frame, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private List<String> lines() {
    return LogReader.read(directory, LogQuery.all()).stream().map(LogLine::text).toList();
  }

  @Test
  void frames_tornAtTheEnd_areIgnored() throws IOException {
    byte[] whole = frame(1, 5_000_000_001L, "whole\n");
    for (int cut = 0; cut < whole.length; cut++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(whole);
      bytes.write(whole, 0, cut);
      LogFrames frames = new LogFrames(new ByteArrayInputStream(bytes.toByteArray()));
      LogFrames.Frame first = frames.next().orElseThrow();
      assertThat(first.time()).isEqualTo(Instant.ofEpochSecond(5, 1));
      assertThat(first.finished()).isTrue();
      assertThat(frames.next()).as("cut at %d", cut).isEmpty();
      assertThat(frames.consumed()).isEqualTo(whole.length);
    }
  }

  @Test
  void frames_absurdLength_endsTheFile() throws IOException {
    for (int length : new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      byte[] damaged = frame(1, 0, "text\n");
      ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
      assertThat(new LogFrames(new ByteArrayInputStream(damaged)).next()).isEmpty();
    }
  }

  @Test
  void lines_spanFramesOfTheirStream() throws IOException {
    append("log", frame(1, 1, "a"), frame(2, 2, "E1\nE"), frame(1, 3, "b\nc"), frame(2, 4, "2\n"));
    List<LogLine> read = LogReader.read(directory, LogQuery.all());
    assertThat(read).extracting(LogLine::text).containsExactly("E1", "ab", "E2", "c");
    assertThat(read.get(1).time()).as("of its beginning").isEqualTo(Instant.ofEpochSecond(0, 1));
    assertThat(read.get(0).source()).isEqualTo(LogLine.Source.STDERR);
  }

  @Test
  void lines_splitCharacter_isWhole() throws IOException {
    byte[] euro = "€\n".getBytes(StandardCharsets.UTF_8);
    append("log", frame(1, 0, new byte[] {euro[0]}));
    append("log", frame(1, 0, new byte[] {euro[1], euro[2], euro[3]}));
    assertThat(lines()).containsExactly("€");
  }

  @Test
  void lines_endlessLine_comesInPieces() {
    List<LogLine> seen = new ArrayList<>();
    LineAssembler assembler = new LineAssembler(seen::add);
    for (int i = 0; i < 40; i++) {
      assembler.accept(
          new LogFrames.Frame(
              LogLine.Source.STDOUT,
              Instant.EPOCH,
              i > 0,
              false,
              ByteBuffer.wrap("x".repeat(65_536).getBytes(StandardCharsets.US_ASCII))));
    }
    assertThat(seen).hasSize(2).allMatch(l -> l.text().length() == 1024 * 1024);
    assembler.finish();
    assertThat(seen).hasSize(3);
  }

  @Test
  void lines_firstWithoutItsBeginning_isLeftOut() throws IOException {
    inside[1] = true;
    append("log", frame(1, 1, "end of a lo"), frame(2, 1, "err\n"));
    append("log", frame(1, 1, "ng line\nwhole\n"));
    assertThat(lines()).containsExactly("err", "whole");
  }

  @Test
  void lines_endlessOneWithoutItsBeginning_isBetterThanNothing() throws IOException {
    inside[1] = true;
    append("log", frame(1, 1, "42 %\r43 %"));
    assertThat(lines()).containsExactly("42 %\r43 %");
  }

  @Test
  void lines_afterMissingFrames_areNotJoinedWithWhatCameBefore() throws IOException {
    byte[] before = frame(1, 1, "one\ntw");
    byte[] lost = frame(1, 2, "o\n");
    assertThat(lost).isNotEmpty();
    append("log", before, frame(1, 3, "three\n"));
    List<LogLine> read = LogReader.read(directory, LogQuery.all());
    assertThat(read).extracting(LogLine::text).containsExactly("one", "tw", "three");
    assertThat(read).extracting(LogLine::isFinished).containsExactly(true, false, true);
  }

  @Test
  void lines_afterAMissingBeginning_areWhole() throws IOException {
    byte[] before = frame(1, 1, "one\n");
    byte[] lost = frame(1, 2, "two\nthr");
    assertThat(lost).isNotEmpty();
    append("log", before, frame(1, 3, "ee\nfour\n"));
    assertThat(lines()).containsExactly("one", "four");
  }

  /** A directory whose log is replaced as often as there are texts, once its first line is read. */
  private final class Overtaking extends LogDirectory {
    private final Deque<byte[]> next = new ArrayDeque<>();
    private final List<String> seen = new ArrayList<>();

    Overtaking(String... texts) {
      super(directory);
      for (String text : texts) {
        next.add(frame(1, 1, text));
      }
    }

    @Override
    Optional<Object> key(int number) throws IOException {
      while (!seen.isEmpty() && !next.isEmpty()) {
        Files.delete(directory.resolve("log"));
        append("log", next.remove());
      }
      return super.key(number);
    }

    List<String> read(boolean follows) throws IOException {
      try (LogReader reader = new LogReader(this, follows, line -> seen.add(line.text()))) {
        reader.more();
        reader.finish();
      }
      return seen;
    }
  }

  @Test
  void reading_overtakenByRotation_hasWholeLinesOnly() throws IOException {
    append("log", frame(1, 1, "old\nwa"));
    Overtaking log = new Overtaking("s there\ngone\nal", "so gone\nbef", "ore\nnew\nla");
    assertThat(log.read(false)).containsExactly("old", "new", "la");
  }

  @Test
  void reading_overtakenByAFileWithoutALine_hasNoPiecesOfIt() throws IOException {
    append("log", frame(1, 1, "old\nwa"));
    assertThat(new Overtaking("s there\nlo", "ng and longe").read(false)).containsExactly("old");
  }

  @Test
  void reading_ofWhoWritesFasterThanItIsRead_ends() throws IOException {
    append("log", frame(1, 1, "0\n"));
    List<String> seen = new ArrayList<>();
    LogDirectory growing =
        new LogDirectory(directory) {
          private int more;

          @Override
          Optional<Object> key(int number) throws IOException {
            if (more < seen.size() && more < 50) {
              rotate();
              append("log", frame(1, 1, ++more + "\n"));
            }
            return super.key(number);
          }
        };
    try (LogFiles files = new LogFiles(growing)) {
      files.endNow();
      files.read(frame -> seen.add("frame"), number -> {});
    }
    assertThat(seen).hasSize(1);
  }

  @Test
  void text_ofWhoWritesFasterThanItIsRead_ends() throws IOException {
    append("log", frame(1, 1, "0\n"));
    LogDirectory growing =
        new LogDirectory(directory) {
          private int opened;
          private int more;

          @Override
          Optional<Object> key(int number) throws IOException {
            if (number == 0 && more < opened && more < 50) { // it was read
              rotate();
              append("log", frame(1, 1, ++more + "\n"));
            }
            return super.key(number);
          }

          @Override
          Optional<FileChannel> open(int number) throws IOException {
            opened++;
            return super.open(number);
          }
        };
    assertThat(LogReader.text(growing)).isEqualTo("0\n");
  }

  @Test
  void following_throughTheRotationOfOneFile_losesNothing() throws IOException {
    append("log", frame(1, 1, "old\nwa"));
    assertThat(new Overtaking("s there\nnew\n").read(true))
        .containsExactly("old", "was there", "new");
  }

  @Test
  void files_oldestFirst() throws IOException {
    append("log.2", frame(1, 1, "1\n"));
    append("log.1", frame(1, 2, "2\n3"));
    append("log", frame(1, 3, "3\n"));
    assertThat(lines()).containsExactly("1", "2", "33");
    assertThat(LogReader.text(directory)).isEqualTo("1\n2\n33\n");
  }

  @Test
  void following_acrossRotation_seesEveryLineOnce() throws IOException {
    List<String> seen = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    try (LogReader reader = LogReader.following(directory, line -> seen.add(line.text()))) {
      reader.more();
      for (int i = 0; i < 60; i++) {
        if (i % 7 == 3) {
          rotate();
        }
        append("log", frame(1, i, "line " + i + "\n"));
        expected.add("line " + i);
        if (i % 5 == 0) {
          reader.more();
        }
      }
      reader.more();
    }
    assertThat(seen).isEqualTo(expected);
  }

  private void rotate() throws IOException {
    Files.deleteIfExists(directory.resolve("log.3"));
    for (int number = 3; number > 0; number--) {
      Path older = directory.resolve(number == 1 ? "log" : "log." + (number - 1));
      if (Files.exists(older)) {
        Files.move(older, directory.resolve("log." + number));
      }
    }
  }

  @Test
  void missingDirectory_isEmpty() {
    assertThat(LogReader.read(directory.resolve("no"), LogQuery.all())).isEmpty();
  }

  @Test
  void damage_isToldOfWhatIsMissingOrNoFrame() throws IOException {
    List<String> damage = new ArrayList<>();
    LogReader.read(directory, LogQuery.all(), damage::add);
    assertThat(damage).containsExactly("there is none in " + directory);

    damage.clear();
    append("log.1", frame(1, 1, "one\n"), "x".repeat(40).getBytes(StandardCharsets.UTF_8));
    append("log", frame(1, 2, "two\n"));
    assertThat(LogReader.read(directory, LogQuery.all(), damage::add)).hasSize(2);
    assertThat(damage).containsExactly("40 bytes in " + directory + " are damaged and left out");

    damage.clear();
    Files.delete(directory.resolve("log.1"));
    assertThat(LogReader.read(directory, LogQuery.all(), damage::add)).hasSize(1);
    assertThat(damage).isEmpty();
  }
}
