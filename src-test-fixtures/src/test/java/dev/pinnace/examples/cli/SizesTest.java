package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.spec.Bytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "0,0B,0B",
    "999,999B,999B",
    "1000,1kB,1kB",
    "1234,1.234kB,1.23kB",
    "12345,12.35kB,12.3kB",
    "123456,123.5kB,123kB",
    "100000,100kB,100kB",
    "7398432,7.398MB,7.4MB",
    "140800000,140.8MB,141MB",
    "999960,1000kB,1000kB",
    "1234567890123,1.235TB,1.23TB",
    "9223372036854775807,9223PB,9220PB"
  })
  void of_andBrief_asDocker(long bytes, String four, String three) {
    assertThat(Sizes.of(bytes)).isEqualTo(four);
    assertThat(Sizes.brief(Bytes.of(bytes))).isEqualTo(three);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0B",
    "1023,1023B",
    "1024,1KiB",
    "1536,1.5KiB",
    "7397703,7.055MiB",
    "67108864,64MiB",
    "2088763392,1.945GiB",
    "9223372036854775807,8192PiB"
  })
  void binary_asDocker(long bytes, String text) {
    assertThat(Sizes.binary(Bytes.of(bytes))).isEqualTo(text);
  }
}
