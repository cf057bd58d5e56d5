package dev.pinnace.linux.tty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Dir;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Terminals by the kernel's own answers, on pairs of this process's. */
class TtyTest {
  private PtyPair pair;
  private Fd slave;

  @BeforeEach
  void open() {
    pair = PtyPair.open();
    try (Dir terminals = Dir.open(Path.of("/dev/pts"))) {
      slave = terminals.open(Integer.toString(pair.number()), 2 | 0x100, 0);
    }
  }

  @AfterEach
  void close() {
    slave.close();
    pair.close();
  }

  private Tty tty() {
    return Tty.of(slave.number()).orElseThrow();
  }

  private static String read(Fd from) {
    byte[] bytes = new byte[100];
    return new String(bytes, 0, from.read(bytes, 0, bytes.length), StandardCharsets.US_ASCII);
  }

  private static void write(Fd to, String text) {
    to.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void size_isWhatTheOtherEndSet() {
    assertThat(tty().size()).isEqualTo(new WindowSize(0, 0));
    Tty.resize(pair.master(), new WindowSize(40, 65_535));
    assertThat(tty().size()).isEqualTo(new WindowSize(40, 65_535));
    assertThatThrownBy(() -> new WindowSize(1, 65_536)).hasMessageContaining("65536");
  }

  @Test
  void rawMode_passesKeysOn_andIsUndone() {
    try (RawMode raw = tty().raw()) {
      write(pair.master(), "\u0003\r");
      assertThat(read(slave)).isEqualTo("\u0003\r");
      write(slave, "a\n");
      assertThat(read(pair.master())).as("no echo before it, no carriage return").isEqualTo("a\n");
      raw.close();
      write(slave, "b\n");
      assertThat(read(pair.master())).isEqualTo("b\r\n");
    }
    write(pair.master(), "c\r");
    assertThat(read(slave)).isEqualTo("c\n");
    assertThat(read(pair.master())).isEqualTo("c\r\n");
  }

  @Test
  void pipes_andClosedDescriptors_areNoTerminals() {
    try (Pipe pipe = Pipe.open()) {

      assertThat(Tty.of(pipe.readEnd().number())).isEmpty();
    }
    assertThat(Tty.of(1 << 20)).isEmpty();
  }
}
