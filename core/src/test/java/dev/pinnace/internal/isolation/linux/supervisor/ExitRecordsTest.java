package dev.pinnace.internal.isolation.linux.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.linux.plan.Checksum;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exit record that the supervisor writes. */
class ExitRecordsTest {
  @TempDir private Path directory;

  private static byte[] record() {
    byte[] bytes = new byte[96];
    ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    record.putInt(0, 0x58454E50).putShort(4, (short) 1).putShort(6, (short) (1 | 4 | 32));
    record.putLong(8, 3_000_000_007L).putLong(16, 4_000_000_000L);
    record.putInt(24, 137).putInt(28, 9).putInt(32, 2).putInt(44, 3);
    record.putLong(48, 11).putLong(56, 1_500).putLong(64, 4096);
    record.putLong(88, Checksum.of(bytes, 0, 88));
    return bytes;
  }

  @Test
  void read_everyField() throws IOException {
    Path file = Files.write(directory.resolve("exit"), record());
    ExitRecord read = ExitRecords.read(file).orElseThrow();
    assertThat(read.code()).isEqualTo(137);
    assertThat(read.signal()).isEqualTo(9);
    assertThat(read.started()).contains(Instant.ofEpochSecond(3, 7));
    assertThat(read.finished()).isEqualTo(Instant.ofEpochSecond(4));
    assertThat(read.restarts()).isEqualTo(2);
    assertThat(read.causes())
        .containsExactlyInAnyOrder(Cause.OUT_OF_MEMORY, Cause.STOPPED, Cause.ENGINE_ENDED);
    assertThat(read.oomKills()).isEqualTo(3);
    assertThat(read.logDropped()).isEqualTo(11);
    assertThat(read.cpu()).isEqualTo(Duration.ofNanos(1_500_000));
    assertThat(read.peakMemory()).isEqualTo(4096);
  }

  @Test
  void decode_neverStarted_saysWhy() {
    byte[] bytes = record();
    assertThat(ExitRecords.decode(bytes, "a test").failure()).isEmpty();
    ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    record.putShort(6, (short) ExitRecords.NEVER_STARTED).putInt(40, 13);
    record.putLong(88, Checksum.of(bytes, 0, 88));
    assertThat(ExitRecords.decode(bytes, "a test").failure())
        .isEqualTo("EACCES (permission denied)");
  }

  @Test
  void read_missing_isEmpty() {
    assertThat(ExitRecords.read(directory.resolve("none"))).isEmpty();
  }

  @Test
  void read_anyFlippedByteOrCut_isCorrupt() throws IOException {
    for (int i = 0; i < 96; i++) {
      byte[] damaged = record();
      damaged[i] ^= 0x40;
      Path file = Files.write(directory.resolve("damaged"), damaged);
      assertThatThrownBy(() -> ExitRecords.read(file))
          .as("byte %d", i)
          .isInstanceOf(CorruptException.class);
      Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(record(), i));
      assertThatThrownBy(() -> ExitRecords.read(cut)).isInstanceOf(CorruptException.class);
    }
  }
}
