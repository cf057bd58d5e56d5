package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Subnet6Test {
  @Test
  void parse_isReadBack() {
    Subnet6 subnet = Subnet6.parse("FD00:0:0:1::/64");
    assertThat(subnet).hasToString("fd00:0:0:1::/64").isEqualTo(new Subnet6("fd00:0:0:1::", 64));
    assertThat(subnet.last()).isEqualTo("fd00::1:ffff:ffff:ffff:ffff");
    assertThat(subnet.contains("fd00:0:0:1::5")).isTrue();
    assertThat(subnet.contains("fd00::1:ffff:ffff:ffff:ffff")).isTrue();
    assertThat(subnet.contains("fd00:0:0:2::")).isFalse();
    assertThat(subnet.contains("fd00::ffff:ffff:ffff:ffff")).isFalse();
    assertThat(Subnet6.parse("::/0").contains("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")).isTrue();
    assertThat(Subnet6.parse("fd00::1/128").last()).isEqualTo("fd00::1");
    assertThat(Subnet6.parse("::/80").last()).isEqualTo("::ffff:ffff:ffff");
    assertThat(Subnet6.parse("ff00::/8").last())
        .isEqualTo("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  }

  @Test
  void overlaps_whereOneIsInTheOther() {
    Subnet6 wide = Subnet6.parse("fd00::/48");
    Subnet6 narrow = Subnet6.parse("fd00:0:0:7::/64");
    assertThat(wide.overlaps(narrow)).isTrue();
    assertThat(narrow.overlaps(wide)).isTrue();
    assertThat(wide.contains(narrow)).isTrue();
    assertThat(narrow.contains(wide)).isFalse();
    assertThat(wide.overlaps(Subnet6.parse("fd00:0:1::/48"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fd00::",
        "fd00::/",
        "fd00::/129",
        "fd00::/-1",
        "fd00::/64/64",
        "fd00:::/64",
        "fd00::%eth0/64",
        "[fd00::]/64",
        "10.0.0.0/8",
        "::ffff:10.0.0.0/104"
      })
  void parse_whatIsNoBlock_isRefused(String text) {
    assertThatThrownBy(() -> Subnet6.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void parse_whatBeginsElsewhere_saysWhere() {
    assertThatThrownBy(() -> Subnet6.parse("fd00::7/64"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("write fd00::/64");
  }

  @ParameterizedTest
  @CsvSource({"FD00:0::5,fd00::5", "fd00:0:0:1:0:0:0:5,fd00:0:0:1::5", "::,::", "::1,::1"})
  void address_isWrittenInOneWay(String given, String written) {
    assertThat(Subnet6.address(given)).isEqualTo(written);
    assertThat(Subnet6.text(Subnet6.number(given))).isEqualTo(written);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%1", "fd00::5/64", "x"})
  void address_whatIsNone_isRefused(String text) {
    assertThatThrownBy(() -> Subnet6.address(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("is no IPv6 address");
  }
}
