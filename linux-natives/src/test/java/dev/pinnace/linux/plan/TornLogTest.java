package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log whose end was not written to the end, as by a supervisor that was killed. */
@Tag("vm-too")
class TornLogTest {
  private static final int BUFFER = 64 * 1024;

  @TempDir Path directory;
  private Path log;

  @BeforeEach
  void make() throws IOException {
    log = Files.createDirectories(directory.resolve("logs")).resolve("log");
  }

  private static byte[] frame(byte[] data) {
    return ByteBuffer.allocate(20 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(data.length)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) 0)
        .putLong(1)
        .put(data)
        .putInt(data.length)
        .array();
  }

  private static byte[] line(int number) {
    return frame(("line " + number + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void write(byte[] bytes) throws IOException {
    Files.write(log, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private String outputOfOneMoreRun(int files) throws IOException {
    SupervisorPolicy.Builder policy = TestPlans.policy().log(1 << 20, files);
    try (Launched launched = Launched.of(directory, TestPlans.script(policy, "echo more"))) {
      launched.end();
      return launched.output(1);
    }
  }

  @Test
  void halfAFrame_isCutOff_soThatTheOnlyFileStays() throws IOException {
    write(line(1));
    write(Arrays.copyOf(line(2), 23));
    assertThat(outputOfOneMoreRun(1)).isEqualTo("line 1\nmore\n");
  }

  @Test
  void headOfAFrameAlone_isCutOff_soThatTheOldestFileStays() throws IOException {
    write(line(1));
    write(Arrays.copyOf(line(2), 3));
    assertThat(outputOfOneMoreRun(3)).isEqualTo("line 1\nmore\n");
    assertThat(directory.resolve("logs/log.1")).doesNotExist();
  }

  @Test
  void framesBeforeIt_ofAnySizes_stay() throws IOException {
    StringBuilder expected = new StringBuilder();
    try (OutputStream out = Files.newOutputStream(log)) {
      for (int i = 0; i < 5_000; i++) {
        out.write(line(i));
        expected.append("line ").append(i).append('\n');
        if (i % 1_000 == 0) {
          byte[] full = new byte[BUFFER];
          Arrays.fill(full, (byte) 'x');
          out.write(frame(full));
          expected.append("x".repeat(BUFFER));
        }
      }
      out.write(Arrays.copyOf(frame(new byte[BUFFER]), BUFFER));
    }
    assertThat(outputOfOneMoreRun(1)).isEqualTo(expected + "more\n");
  }

  /** As a file is after a power failure that came between its size and its content. */
  @Test
  void zerosAtTheEnd_areCutOff() throws IOException {
    write(line(1));
    write(new byte[3 * BUFFER]);
    assertThat(outputOfOneMoreRun(1)).isEqualTo("line 1\nmore\n");
  }

  @Test
  void wholeFrames_areNotTouched() throws IOException {
    write(line(1));
    write(line(2));
    assertThat(outputOfOneMoreRun(1)).isEqualTo("line 1\nline 2\nmore\n");
  }

  @Test
  void noFrameFromTheStartOn_isSetAside() throws IOException {
    String other = "no frames ".repeat(100);
    write(other.getBytes(StandardCharsets.US_ASCII));
    assertThat(outputOfOneMoreRun(3)).isEqualTo("more\n");
    assertThat(directory.resolve("logs/log.1")).hasContent(other);
  }
}
