package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Docker's -p and --expose take, and what of it is refused. */
class PortMappingTest {
  @ParameterizedTest
  @CsvSource({
    "80, 80/tcp",
    "80/, 80/tcp",
    "53/udp, 53/udp",
    "53/UDP, 53/udp",
    ":80, 80/tcp",
    "::80, 80/tcp",
    "0:80, 80/tcp",
    "8080:80, 8080:80/tcp",
    "8080:53/udp, 8080:53/udp",
    ":8080:80, 8080:80/tcp",
    "127.0.0.1:8080:80, 127.0.0.1:8080:80/tcp",
    "127.0.0.1::80, 127.0.0.1::80/tcp",
    "127.0.0.1:0:80, 127.0.0.1::80/tcp",
    "0.0.0.0:8080:80, 0.0.0.0:8080:80/tcp",
    "[::1]:8080:80, [::1]:8080:80/tcp",
    "[::1]::80, [::1]::80/tcp",
    "::1:8080:80, [::1]:8080:80/tcp",
    "[0:0::0]:8080:80, [::]:8080:80/tcp",
    "8000-8010:80, 8000-8010:80/tcp",
    "8000-8000:80, 8000:80/tcp",
    "127.0.0.1:8000-8001:80/udp, 127.0.0.1:8000-8001:80/udp",
    "65535:65535, 65535:65535/tcp"
  })
  void parse_one(String text, String mapping) {
    List<PortMapping> parsed = PortMapping.parse(text);
    assertThat(parsed).hasSize(1);
    assertThat(parsed.get(0)).hasToString(mapping);
    assertThat(PortMapping.parse(mapping)).as("what it prints is read").isEqualTo(parsed);
  }

  @Test
  void parse_ranges_oneForEachPort() {
    assertThat(PortMapping.parse("127.0.0.1:8000-8002:80-82/udp"))
        .extracting(PortMapping::toString)
        .containsExactly("127.0.0.1:8000:80/udp", "127.0.0.1:8001:81/udp", "127.0.0.1:8002:82/udp");
    assertThat(PortMapping.parse("80-81"))
        .extracting(PortMapping::toString)
        .containsExactly("80/tcp", "81/tcp");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "\"\", a number is missing",
        "8080:, a number is missing",
        "80x, no port",
        "-80, a number is missing",
        "80-, a number is missing",
        "0, no port",
        "65536, no port",
        "99999999999, no port",
        "8080:0, no port",
        "65536:80, no port",
        "1.5:80, no port",
        "+80:80, no port",
        "82-80, ends before it begins",
        "8002-8000:80, ends before it begins",
        "8000-8001:80-82, ranges of the same length",
        "8000:80-82, ranges of the same length",
        "80/sctp, sctp is not there",
        "80/tcp/udp, tcp/udp is not there",
        "localhost:8080:80, not an IP address",
        "127.0.0.1:80, no port",
        "127.0.0.1.5:80:80, not an IP address",
        "[127.0.0.1]:80:80, only an address of IPv6",
        "[::1]:80, not an IP address",
        "[::1:80:80, not an IP address",
        "fe80::1%1:80:80, the address in port",
        "a b:80:80, cannot be"
      })
  void parse_whatIsNoMapping_isRefused_andNamed(String text, String reason) {
    assertThatThrownBy(() -> PortMapping.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining(text.contains("%") || text.contains(" ") ? "" : text);
  }

  @Test
  void containerPort_parse() {
    assertThat(ContainerPort.parse("80")).containsExactly(ContainerPort.tcp(80));
    assertThat(ContainerPort.parse("53-54/udp"))
        .containsExactly(ContainerPort.udp(53), ContainerPort.udp(54));
    assertThatThrownBy(() -> ContainerPort.parse("80:80")).hasMessageContaining("no port");
    assertThatThrownBy(() -> ContainerPort.tcp(0)).hasMessageContaining("cannot be 0");
    assertThat(ContainerPort.udp(80)).isGreaterThan(ContainerPort.tcp(80));
    assertThat(ContainerPort.tcp(80)).isLessThan(ContainerPort.tcp(81));
  }

  @Test
  void of_and_at() {
    assertThat(PortMapping.of(8080, 80).at("::1")).hasToString("[::1]:8080:80/tcp");
    assertThat(PortMapping.of(ContainerPort.udp(53))).hasToString("53/udp");
    assertThatThrownBy(() -> PortMapping.of(0, 80)).hasMessageContaining("cannot be 0");
    assertThatThrownBy(() -> PortMapping.of(1, 80).at("here"))
        .hasMessageContaining("not an IP address");
    assertThatThrownBy(
            () -> new PortMapping(java.util.Optional.empty(), 9, 8, ContainerPort.tcp(80)))
        .hasMessageContaining("end before they begin");
  }

  @Test
  void binding_isReachedAtAnAddressOfItsOwn() {
    ContainerPort to = ContainerPort.tcp(80);
    assertThat(new PortBinding("0.0.0.0", 8080, to).host()).hasToString("127.0.0.1:8080");
    assertThat(new PortBinding("::", 8080, to).host()).hasToString("[::1]:8080");
    assertThat(new PortBinding("10.0.0.1", 8080, to).host().socketAddress().getPort())
        .isEqualTo(8080);
    assertThat(new PortBinding("::", 8080, to)).hasToString("[::]:8080->80/tcp");
  }

  private static ContainerSpecBuilder spec() {
    return ContainerSpec.image("i");
  }

  @Test
  void publish_isKept_inTheOrderOfTheCalls() {
    NamespaceSpec made =
        spec()
            .publish(80)
            .publish(8080, 81)
            .publish("127.0.0.1:53:53/udp")
            .expose(ContainerPort.tcp(9))
            .expose(ContainerPort.tcp(9))
            .publishAll()
            .network("net")
            .build()
            .namespaces();
    assertThat(made.ports())
        .extracting(PortMapping::toString)
        .containsExactly("80/tcp", "8080:81/tcp", "127.0.0.1:53:53/udp");
    assertThat(made.exposed()).containsExactly(ContainerPort.tcp(9));
    assertThat(made.publishAll()).isTrue();
  }

  @Test
  void publish_theSamePortOfTheHostTwice_isRefused() {
    assertThatThrownBy(() -> spec().publish(8080, 80).publish("127.0.0.1:8080:81"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("contradicts publish 8080:80/tcp");
    assertThatThrownBy(() -> spec().publish("0.0.0.0:8080:80").publish("127.0.0.1:8080:81"))
        .hasMessageContaining("contradicts");
    assertThatThrownBy(() -> spec().publish("[::1]:8080:80").publish("[::]:8080:81"))
        .hasMessageContaining("contradicts");
    spec().publish("127.0.0.2:8080:80").publish("127.0.0.1:8080:81");
    spec().publish("0.0.0.0:8080:80").publish("[::]:8080:81");
    spec().publish("8080:80").publish("8080:80/udp").publish(80).publish(80);
  }

  @Test
  void publish_withoutNetworkOfItsOwn_isRefused() {
    assertThatThrownBy(() -> spec().publish(80).build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("ports are published of a network only");
    assertThatThrownBy(() -> spec().publishAll().build()).hasMessageContaining("a network only");
    assertThatThrownBy(() -> spec().network(NamespaceSpec.NetworkMode.HOST).publish(80))
        .hasMessageContaining("contradicts network HOST");
    assertThatThrownBy(() -> spec().publish(80).network(NamespaceSpec.NetworkMode.HOST))
        .hasMessageContaining("network HOST contradicts publish 80/tcp");
    assertThatThrownBy(() -> spec().publishAll().networkOf("other"))
        .hasMessageContaining("contradicts publishAll");
    assertThatThrownBy(() -> spec().networkOf("other").publishAll())
        .hasMessageContaining("publishAll contradicts networkOf other");
    assertThat(spec().expose(ContainerPort.tcp(80)).build().namespaces().exposed()).hasSize(1);
  }
}
