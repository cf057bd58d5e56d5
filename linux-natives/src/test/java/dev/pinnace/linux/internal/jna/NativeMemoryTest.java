package dev.pinnace.linux.internal.jna;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class NativeMemoryTest {
  @Test
  void ofString_endsWithNul() {
    try (NativeMemory text = NativeMemory.ofString("a\u00fc")) {
      assertThat(text.getBytes(0, 4)).containsExactly('a', 0xC3, 0xBC, 0);
    }
  }

  @Test
  void ofString_withANul_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NativeMemory.ofString("etc/passwd\0.txt"))
        .withMessageContaining("NUL");
  }

  @Test
  void of_isZeroed_andNeverEmpty() {
    try (NativeMemory memory = NativeMemory.of(100);
        NativeMemory nothing = NativeMemory.of(0)) {
      assertThat(memory.getBytes(0, 100)).containsOnly(0);
      assertThat(nothing.address()).isNotZero();
    }
  }

  @Test
  void close_twice_doesNothing() {
    NativeMemory memory = NativeMemory.of(8);
    memory.close();
    memory.close();
  }
}
