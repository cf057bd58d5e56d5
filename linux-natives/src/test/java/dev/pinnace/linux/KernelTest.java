package dev.pinnace.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelTest {
  @ParameterizedTest
  @CsvSource({
    "6.1.0-40-amd64, 6, 1",
    "6.18.44, 6, 18",
    "5.15.0-1051-aws, 5, 15",
    "4.19-rc1, 4, 19",
    "7, 7, 0",
    "10.0+, 10, 0",
    "unknown, 0, 0"
  })
  void parse_takesMajorAndMinor(String release, int major, int minor) {
    assertThat(Kernel.parse(release)).containsExactly(major, minor);
  }
}
