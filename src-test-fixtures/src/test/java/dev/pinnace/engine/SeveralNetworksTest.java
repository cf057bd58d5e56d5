package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.network.Wiring;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.Subnet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers that are in several networks from the start. */
class SeveralNetworksTest extends PortFixture {
  @BeforeEach
  void makeNetworks() {
    engine.networks().create(NetworkSpec.named("net").withSubnet(Subnet.parse("10.77.1.0/24")));
    engine.networks().create(NetworkSpec.named("other").withSubnet(Subnet.parse("10.77.2.0/24")));
    engine
        .networks()
        .create(NetworkSpec.named("closed").withSubnet(Subnet.parse("10.77.3.0/24")).asInternal());
  }

  private static ContainerSpecBuilder both(String name) {
    return waiting().name(name).network("net").network("other");
  }

  @Test
  void interfaces_areInTheOrderOfTheNetworks() {
    String seen =
        engine
            .containers()
            .run(
                shell("busybox ip -o -4 address; busybox ip route; busybox ip -o link show eth2")
                    .network("closed")
                    .network(NetworkAttachment.to("other").withAddress("10.77.2.9"))
                    .network(NetworkAttachment.to("net").withMac("02:00:00:00:00:09")))
            .stdout();
    assertThat(seen)
        .contains("eth0    inet 10.77.3.2/24")
        .contains("eth1    inet 10.77.2.9/24")
        .contains("eth2    inet 10.77.1.2/24")
        .contains("link/ether 02:00:00:00:00:09")
        .contains("default via 10.77.2.1 dev eth1")
        .containsOnlyOnce("default");
  }

  @Test
  void names_areThoseOfThePeersOfEachNetwork_andNoOthers() {
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("other", "two"));
    Container middle =
        engine
            .containers()
            .start(
                waiting()
                    .name("middle")
                    .network(NetworkAttachment.to("net").withAlias("left"))
                    .network(NetworkAttachment.to("other").withAlias("right")));
    assertThat(reaches(middle, "one")).isTrue();
    assertThat(reaches(middle, "two")).isTrue();
    assertThat(reaches(one, "left")).isTrue();
    assertThat(reaches(two, "right")).isTrue();
    assertThat(shell(one, "busybox cat /etc/hosts")).doesNotContain("10.77.2.");
    assertThat(shell(two, "busybox cat /etc/hosts")).doesNotContain("10.77.1.");
    assertThat(reaches(one, state("other").endpoints().get(0).address()))
        .as("what is between them passes nothing on")
        .isFalse();
    middle.rename("centre");
    assertThat(reaches(one, "centre")).isTrue();
    assertThat(reaches(two, "centre")).isTrue();
    assertThat(
            engine.containers().list(ContainerFilter.all().network("other")).stream()
                .map(found -> found.name()))
        .containsExactlyInAnyOrder("two", "centre");
  }

  @Test
  void publishedPort_leadsToTheFirstNetworkThatIsNotInternal() {
    Container web =
        engine
            .containers()
            .start(
                shell("exec busybox nc -ll -p 8080 -e busybox netstat -tn")
                    .name("web")
                    .network("closed")
                    .network(NetworkAttachment.to("other").withAddress("10.77.2.9"))
                    .network("net")
                    .publish("127.0.0.1::8080"));
    eventually(() -> answer(web.port(8080)).contains("10.77.2.9:8080"));
  }

  @Test
  void killedRelay_isMendedInAllNetworks() {
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("other", "two"));
    Container middle = engine.containers().start(both("middle"));
    killRouter();
    eventually(() -> relays() == 0);
    try (Pinnace other = engine()) {
      assertThat(other.networks().list(NetworkFilter.all().predefined(false))).hasSize(3);
    }
    for (String name : List.of("one", "two")) {
      assertThat(reaches(middle, name)).as(name).isTrue();
    }
    assertThat(reaches(one, "middle")).isTrue();
    assertThat(reaches(two, "middle")).isTrue();
    assertThat(shell(middle, "busybox ip route")).contains("default via 10.77.1.1 dev eth0");
  }

  @Test
  void stats_countAllInterfaces() {
    Container middle = engine.containers().start(both("middle"));
    Container two = engine.containers().start(in("other", "two"));
    long before = middle.stats().bytesSent().orElseThrow().count();
    shell(middle, "busybox ping -c 5 -s 1000 two");
    assertThat(middle.stats().bytesSent().orElseThrow().count()).isGreaterThan(before + 5000);
    assertThat(two.stats().bytesReceived().orElseThrow().count()).isGreaterThan(5000);
  }

  @Test
  void badRequests_areRefused_andLeaveNothing() {
    assertThatThrownBy(() -> engine.containers().create(both("lost").network("nowhere")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no network \"nowhere\"");
    assertThat(state("net").endpoints()).isEmpty();
    assertThat(state("other").endpoints()).isEmpty();
    assertThatThrownBy(
            () -> engine.containers().create(waiting().network("closed").publish(80, 80)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("network closed is internal");
    Container middle = engine.containers().create(both("middle"));
    assertThatThrownBy(() -> engine.networks().get("other").remove())
        .hasMessageContaining("used by container middle");
    middle.remove(true);
    assertThat(state("other").endpoints()).isEmpty();
  }

  /** A new namespace has what the host has. */
  @Test
  void namespace_passesNothingOn_whateverTheHostDoes() {
    try (Fd namespace = NetworkNamespace.create()) {
      NetworkNamespace.in(namespace, () -> forwarding("1"));
      Wiring.settle(namespace);
      assertThat(NetworkNamespace.in(namespace, () -> forwarding(""))).isEqualTo("0");
    }
  }

  private static String forwarding(String wanted) {
    Path setting = Path.of("/proc/sys/net/ipv4/ip_forward");
    try {
      if (!wanted.isEmpty()) {
        Files.writeString(setting, wanted);
      }
      return Files.readString(setting).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
