package dev.pinnace.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNameTest {
  @Test
  void anyBytes_roundTrip() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(12)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] =
            (byte) (random.nextBoolean() ? 0xC0 | random.nextInt(64) : 1 + random.nextInt(255));
      }
      assertThat(FileName.encode(FileName.decode(bytes))).isEqualTo(bytes);
    }
  }

  @Test
  void validUtf8_readsAsUsual() {
    String text = "h\u00e9llo \u4e16 \uD83D\uDC0B \uFFFD";
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(FileName.decode(bytes)).isEqualTo(text);
    assertThat(FileName.encode(text)).isEqualTo(bytes);
  }

  @Test
  void nul_isRefused() {
    assertThatThrownBy(() -> FileName.encode("a\0b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a\\x00b");
  }
}
