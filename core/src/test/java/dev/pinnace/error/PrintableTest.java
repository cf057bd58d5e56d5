package dev.pinnace.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 7, 0x0b, 0x0d, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x061c, 0x200e, 0x200f, 0x2028,
        0x2029, 0x202a, 0x202e, 0x2066, 0x2069
      })
  void whatATerminalObeys_isEscaped(int character) {
    String text = "a" + (char) character + "b";
    String shown = "a\\u%04xb".formatted(character);
    assertThat(Printable.line(text)).isEqualTo(shown);
    assertThat(Printable.lines(text)).isEqualTo(shown);
    assertThat(new NotFoundException("no " + text)).hasMessage("no " + shown);
  }

  @Test
  void linesAndTabs_stayWhereThereMayBeSeveralLines() {
    assertThat(Printable.lines("a\n\tb")).isEqualTo("a\n\tb");
    assertThat(Printable.line("a\n\tb")).isEqualTo("a\\u000a\\u0009b");
  }

  @Test
  void everyLanguage_isPrintable() {
    String text = "größe 大きさ गुण \u05d0\u05d1 \ud83d\udea2 \u200b\u00a0\u00ad\u2027\u202f";
    assertThat(Printable.line(text)).isSameAs(text);
  }
}
