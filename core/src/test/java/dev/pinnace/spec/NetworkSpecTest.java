package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkSpecTest {
  @Test
  void parse_isReadBack() {
    Subnet subnet = Subnet.parse("172.18.128.0/17");
    assertThat(subnet).hasToString("172.18.128.0/17");
    assertThat(subnet.size()).isEqualTo(32768);
    assertThat(Subnet.text(subnet.last())).isEqualTo("172.18.255.255");
    assertThat(subnet.contains(Subnet.address("172.18.129.1"))).isTrue();
    assertThat(subnet.contains(Subnet.address("172.18.127.255"))).isFalse();
    assertThat(subnet.overlaps(Subnet.parse("172.0.0.0/8"))).isTrue();
    assertThat(subnet.contains(Subnet.parse("172.0.0.0/8"))).isFalse();
    assertThat(subnet.overlaps(Subnet.parse("172.18.0.0/17"))).isFalse();
    assertThat(Subnet.parse("0.0.0.0/0").size()).isEqualTo(1L << 32);
    assertThat(Subnet.parse("255.255.255.255/32").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0/8",
        "10.0.0.256/8",
        "10.0.0.0/33",
        "a/8",
        "10.0.0.0/8/8",
        "fd00::/64",
        "10.0.0.0/-1"
      })
  void parse_whatIsNoBlock_isRefused(String text) {
    assertThatThrownBy(() -> Subnet.parse(text)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void parse_whatBeginsElsewhere_saysWhere() {
    assertThatThrownBy(() -> Subnet.parse("10.0.3.7/16"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("write 10.0.0.0/16");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host", "none", "bridge", "default", "-a", "a/b", "a b", ".a", "ä"})
  void named_whatIsNoName_isRefused(String name) {
    assertThatThrownBy(() -> NetworkSpec.named(name)).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void parts_thatAreNotInTheSubnet_areRefused() {
    NetworkSpec spec = NetworkSpec.named("net");
    assertThatThrownBy(() -> spec.withGateway("10.0.0.1")).hasMessageContaining("needs its subnet");
    assertThatThrownBy(() -> spec.withSubnet(Subnet.parse("10.0.0.0/31")))
        .hasMessageContaining("between /8 and /30");
    for (String other :
        new String[] {"127.0.0.0/8", "169.254.8.0/24", "224.0.0.0/8", "0.0.0.0/8"}) {
      assertThatThrownBy(() -> spec.withSubnet(Subnet.parse(other)))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("the subnet " + other + " of network net has addresses that no");
    }
    assertThatThrownBy(() -> Subnet.parse("10.0.0.0/33")).hasMessageContaining("10.0.0.0/33");
    NetworkSpec small = spec.withSubnet(Subnet.parse("10.0.0.0/24"));
    assertThatThrownBy(() -> small.withRange(Subnet.parse("10.0.1.0/25")))
        .hasMessageContaining("not in its subnet 10.0.0.0/24");
    for (String gateway : new String[] {"10.0.0.0", "10.0.0.255", "10.0.1.1"}) {
      assertThatThrownBy(() -> small.withGateway(gateway)).hasMessageContaining(gateway);
    }
    assertThat(small.withGateway("10.0.0.254").gateway()).contains("10.0.0.254");
  }

  @ParameterizedTest
  @CsvSource({"02-42-AC-11-00-05,02:42:ac:11:00:05", "02:42:ac:11:00:05,02:42:ac:11:00:05"})
  void mac_isWrittenInOneWay(String given, String mac) {
    assertThat(NetworkAttachment.to("net").withMac(given).mac()).contains(mac);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "02:42", "03:00:00:00:00:01", "00:00:00:00:00:00", "g2:00:00:00:00:01"})
  void mac_whatIsNone_isRefused(String mac) {
    assertThatThrownBy(() -> NetworkAttachment.to("net").withMac(mac))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void attachment_withBadNames_isRefused() {
    assertThatThrownBy(() -> NetworkAttachment.to("net").withAlias("a b"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> NetworkAttachment.to("net").withAddress("10.0.0"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(
            () -> ContainerSpec.image("i").network("net").network("other").network("net"))
        .hasMessageContaining("the same network");
    assertThatThrownBy(
            () -> ContainerSpec.image("i").network("net").network(NamespaceSpec.NetworkMode.HOST))
        .hasMessageContaining("the network net");
    assertThatThrownBy(() -> ContainerSpec.image("i").network("net").networkOf("other"))
        .hasMessageContaining("the network net");
    assertThatThrownBy(() -> ContainerSpec.image("i").networkOf("other").network("net"))
        .hasMessageContaining("networkOf other");
  }
}
