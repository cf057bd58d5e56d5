package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Where messages say that an archive is damaged. */
class TarReaderTest {
  private final ByteArrayOutputStream archive = new ByteArrayOutputStream();

  private void header(String name, char flag, String content) {
    byte[] header = new byte[512];
    byte[] bytes = content.getBytes(StandardCharsets.US_ASCII);
    put(header, 0, name);
    put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
    put(header, 124, "%011o\0".formatted(bytes.length) + "00000000000\0" + "        " + flag);
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    archive.writeBytes(header);
    archive.writeBytes(bytes);
    archive.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  private void read() throws Exception {
    TarReader reader =
        new TarReader(new ByteArrayInputStream(archive.toByteArray()), LayerLimits.defaults());
    while (reader.next() != null) {
      // To the damage.
    }
  }

  @Test
  void next_damageBeforeTheFirstEntry_isSaidToBeThere() {
    header("PaxHeaders/a", 'x', "99 path=a\n");
    header("a", '0', "");
    assertThatThrownBy(this::read)
        .isInstanceOf(CorruptException.class)
        .hasMessage(
            "the archive is damaged at byte 1024, before its first entry: a PAX record has a length"
                + " of 99");
  }

  @Test
  void next_tooMuchBeforeTheFirstEntry_isSaidToBeThere() {
    for (int i = 0; i < 17; i++) {
      header("PaxHeaders/a", 'x', "9 uid=10\n");
    }
    assertThatThrownBy(this::read)
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("what precedes the first entry")
        .hasMessageNotContaining("\"\"");
  }

  @Test
  void next_damageLater_namesTheEntryBefore() {
    header("first", '0', "");
    header("PaxHeaders/a", 'x', "99 path=a\n");
    assertThatThrownBy(this::read)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("at byte 1536, at or after entry \"first\": a PAX record");
  }
}
