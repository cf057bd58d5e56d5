package dev.pinnace.internal.isolation.linux.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceProgramTest {
  private static final int BLOCK = 1;
  private static final int CHAR = 2;
  private static final int MKNOD = 1;
  private static final int READ = 2;
  private static final int WRITE = 4;

  /** Runs the few instructions that the compiler uses, as the kernel defines them. */
  private static boolean permits(byte[] program, int type, int access, int major, int minor) {
    int[] context = {access << 16 | type, major, minor};
    long[] register = new long[11];
    ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; ; at++) {
      int opcode = code.get(8 * at) & 0xFF;
      int to = code.get(8 * at + 1) & 0xF;
      int from = (code.get(8 * at + 1) & 0xF0) >> 4;
      int offset = code.getShort(8 * at + 2);
      int immediate = code.getInt(8 * at + 4);
      switch (opcode) {
        case 0x61 -> register[to] = context[offset / 4] & 0xFFFFFFFFL;
        case 0xb7 -> register[to] = immediate;
        case 0xbf -> register[to] = register[from];
        case 0x54 -> register[to] &= immediate & 0xFFFFFFFFL;
        case 0x74 -> register[to] = (register[to] & 0xFFFFFFFFL) >>> immediate;
        case 0x55 -> at += register[to] == immediate ? 0 : offset;
        case 0x45 -> at += (register[to] & immediate) == 0 ? 0 : offset;
        case 0x95 -> {
          return register[0] == 1;
        }
        default -> throw new IllegalArgumentException("opcode " + opcode);
      }
    }
  }

  private static byte[] program(String... rules) {
    return DeviceProgram.compile(List.of(rules)).orElseThrow();
  }

  @Test
  void rule_permitsItsDeviceAlone() {
    byte[] program = program("c 1:3 rwm", "b 8:* r");
    assertThat(permits(program, CHAR, READ | WRITE, 1, 3)).isTrue();
    assertThat(permits(program, CHAR, MKNOD, 1, 3)).isTrue();
    assertThat(permits(program, CHAR, READ, 1, 4)).isFalse();
    assertThat(permits(program, CHAR, READ, 2, 3)).isFalse();
    assertThat(permits(program, BLOCK, READ, 1, 3)).isFalse();
    assertThat(permits(program, BLOCK, READ, 8, 77)).isTrue();
    assertThat(permits(program, BLOCK, READ | WRITE, 8, 77)).isFalse();
    assertThat(permits(program, CHAR, READ, 8, 77)).isFalse();
  }

  @Test
  void rule_ofBothTypes() {
    byte[] program = program("a *:* m");
    assertThat(permits(program, BLOCK, MKNOD, 8, 0)).isTrue();
    assertThat(permits(program, CHAR, MKNOD, 10, 229)).isTrue();
    assertThat(permits(program, CHAR, READ, 10, 229)).isFalse();
    assertThat(permits(program, BLOCK, MKNOD | WRITE, 8, 0)).isFalse();
  }

  @Test
  void nothingToEnforce_isNoProgram() {
    assertThat(DeviceProgram.compile(List.of())).isEmpty();
    assertThat(DeviceProgram.compile(List.of("c 1:3 r", "a *:* rwm"))).isEmpty();
    assertThat(DeviceProgram.compile(List.of("a *:* rw"))).isPresent();
  }

  @Test
  void asManyRulesAsAProgramHolds_andNoMore() {
    List<String> most = IntStream.range(0, 681).mapToObj(minor -> "c 9:" + minor + " r").toList();
    assertThat(DeviceProgram.compile(most).orElseThrow()).hasSizeLessThanOrEqualTo(4096 * 8);
    List<String> more = Stream.concat(most.stream(), Stream.of("b 1:1 r")).toList();
    assertThatThrownBy(() -> DeviceProgram.compile(more))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("682 rules");
    List<String> twice = Stream.concat(most.stream(), most.stream()).toList();
    assertThat(DeviceProgram.compile(twice)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "c", "c 1:3", "d 1:3 r", "c 1:3 x", "c 1:3 rwmr", "c -1:3 r", "c 1 r"})
  void notARule_isRefused(String text) {
    assertThatThrownBy(() -> DeviceProgram.compile(List.of(text)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is not a device rule");
  }
}
