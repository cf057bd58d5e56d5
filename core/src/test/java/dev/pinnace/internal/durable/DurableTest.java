package dev.pinnace.internal.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableTest {
  @TempDir private Path directory;

  @AfterEach
  void stopListening() {
    FaultPoints.listen(point -> {});
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void write_replacesAndLeavesNothingElse() throws IOException {
    Path file = directory.resolve("state.json");
    for (boolean sync : new boolean[] {false, true}) {
      Durable.write(file, bytes("sync: " + sync), sync);
      assertThat(file).hasContent("sync: " + sync);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Files.createDirectories(directory.resolve("taken/x"));
    assertThatThrownBy(() -> Durable.write(directory.resolve("taken"), bytes("x"), false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("EISDIR");
    assertThat(names()).containsExactly("state.json", "taken");
  }

  @Test
  void write_byAnInterruptedThread_isFinished() throws IOException {
    Path file = directory.resolve("state.json");
    Thread.currentThread().interrupt();
    try {
      Durable.write(file, bytes("whole"), true);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(file).hasContent("whole");
  }

  @Test
  void publish_replacesWhatIsThere() throws IOException {
    Path place = Files.writeString(directory.resolve("place"), "old");
    Durable.publish(Files.writeString(directory.resolve("written"), "new"), place, "thing", true);
    assertThat(place).hasContent("new");
    assertThat(names()).containsExactly("place");
  }

  @Test
  void sweep_leavesWhatIsBeingWritten() throws IOException {
    Files.writeString(directory.resolve(".left-0123.part"), "half");
    Files.writeString(directory.resolve("kept.part"), "no leftover");
    List<String> seen = new ArrayList<>();
    FaultPoints.listen(
        point -> {
          seen.add(point);
          try {
            Durable.sweep(directory);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    Durable.write(directory.resolve("new"), bytes("new"), false);
    assertThat(seen).containsExactly("written new", "renamed new");
    assertThat(names()).containsExactly("kept.part", "new");
    Durable.sweep(directory.resolve("absent"));
  }
}
