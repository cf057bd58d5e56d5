package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ChecksumTest {
  @Test
  void of_nothing_isTheBasis() {
    assertThat(Checksum.of(new byte[0], 0, 0)).isEqualTo(0xcbf29ce484222325L);
  }

  @Test
  void of_aWord_isLittleEndian() {
    byte[] one = {9, 9, 1, 0, 0, 0, 0, 0, 0, 0};
    assertThat(Checksum.of(one, 2, 10)).isEqualTo(0xaf63bc4c8601b62cL);
  }

  @Test
  void of_swappedWords_differs() {
    byte[] words = new byte[16];
    words[0] = 1;
    byte[] swapped = new byte[16];
    swapped[8] = 1;
    assertThat(Checksum.of(words, 0, 16)).isNotEqualTo(Checksum.of(swapped, 0, 16));
  }

  @Test
  void of_partOfAWord_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> Checksum.of(new byte[16], 0, 12));
  }
}
