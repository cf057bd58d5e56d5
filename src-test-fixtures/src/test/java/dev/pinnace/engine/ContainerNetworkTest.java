package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState.Endpoint;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Subnet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Containers in networks: what they have there, and whom they reach. */
class ContainerNetworkTest extends NetworkFixture {
  @Test
  void twoOfANetwork_reachEachOther_byNameAliasIdAndAddress() {
    List<String> host = host();
    engine.networks().create("backend");
    Container db =
        engine
            .containers()
            .start(
                waiting()
                    .name("db")
                    .network(NetworkAttachment.to("backend").withAlias("database")));
    Container web = engine.containers().start(in("backend", "web"));
    String address = state("backend").endpoints().get(0).address();
    assertThat(reaches(web, "db")).isTrue();
    assertThat(reaches(web, "database")).isTrue();
    assertThat(reaches(web, db.id().shortHex())).isTrue();
    assertThat(reaches(web, address)).isTrue();
    assertThat(reaches(db, "web")).as("one that came later").isTrue();
    assertThat(reaches(web, state("backend").gateway())).as("the gateway").isTrue();
    assertThat(host()).as("the host meanwhile").isEqualTo(host);
  }

  @Test
  void stats_countWhatGoesThroughTheNetwork() {
    engine.networks().create("backend");
    Container db = engine.containers().start(in("backend", "db"));
    Container web = engine.containers().start(in("backend", "web"));
    long before = web.stats().bytesSent().orElseThrow().count();
    assertThat(reaches(web, "db")).isTrue();
    assertThat(web.stats().bytesSent().orElseThrow().count()).isGreaterThan(before);
    assertThat(db.stats().bytesReceived().orElseThrow().count()).isPositive();
  }

  @Test
  void ofDifferentNetworks_doNotReachEachOther() {
    engine.networks().create("one");
    engine.networks().create("two");
    Container first = engine.containers().start(in("one", "first"));
    Container second = engine.containers().start(in("two", "second"));
    String firsts = state("one").endpoints().get(0).address();
    String seconds = state("two").endpoints().get(0).address();
    assertThat(reaches(first, firsts)).isTrue();
    assertThat(reaches(first, seconds)).isFalse();
    assertThat(reaches(second, firsts)).isFalse();
    assertThat(reaches(first, "second")).isFalse();
    assertThat(shell(first, "busybox cat /etc/hosts")).doesNotContain("second");
  }

  @Test
  void interface_isCompleteBeforeTheFirstInstruction() {
    engine.networks().create(NetworkSpec.named("net").withSubnet(Subnet.parse("10.77.0.0/24")));
    String seen =
        engine
            .containers()
            .run(
                shell(
                        "busybox ip -o -4 address; busybox ip route; busybox ip -o link show eth0;"
                            + " busybox cat /etc/hosts")
                    .name("only")
                    .hostname("called")
                    .network(
                        NetworkAttachment.to("net")
                            .withAddress("10.77.0.9")
                            .withMac("02:00:00:00:00:09")))
            .stdout();
    assertThat(seen)
        .contains("lo ")
        .contains("eth0    inet 10.77.0.9/24")
        .contains("default via 10.77.0.1 dev eth0")
        .contains("link/ether 02:00:00:00:00:09")
        .contains("10.77.0.9\tcalled only ")
        .doesNotContain("127.0.1.1");
  }

  @Test
  void peerWhoseHostsFileCannotBeWritten_keepsNobodyFromStarting() throws IOException {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("net", "two"));
    two.stop();
    Path hosts = EngineFixture.root().resolve("containers/" + one.id().hex() + "/hosts");
    Files.move(hosts, hosts.resolveSibling("moved"));
    Files.createDirectory(hosts);
    two.start();
    assertThat(reaches(two, "one")).isTrue();
    two.rename("other");
    assertThat(two.inspect().name()).isEqualTo("other");
    assertThat(shell(two, "busybox cat /etc/hosts")).contains("other");
  }

  @Test
  void internal_hasNoWayOut() {
    engine.networks().create(NetworkSpec.named("closed").asInternal());
    Container one = engine.containers().start(in("closed", "one"));
    Container two = engine.containers().start(in("closed", "two"));
    assertThat(shell(one, "busybox ip route")).doesNotContain("default");
    assertThat(reaches(two, "one")).isTrue();
  }

  @Test
  void address_isKeptWhileStopped_andFreeOnceRemoved() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    Endpoint before = state("net").endpoints().get(0);
    one.stop();
    Container two = engine.containers().start(in("net", "two"));
    one.start();
    assertThat(state("net").endpoints()).hasSize(2).contains(before);
    assertThat(reaches(two, "one")).isTrue();
    one.remove(true);
    assertThat(state("net").endpoints()).extracting(Endpoint::name).containsExactly("two");
    two.rename("other");
    Container three = engine.containers().start(in("net", "three"));
    assertThat(state("net").endpoints()).extracting(Endpoint::address).contains(before.address());
    assertThat(reaches(three, "other")).isTrue();
    assertThat(shell(two, "busybox cat /etc/hosts")).contains("three").doesNotContain("\tone");
  }

  @Test
  void restartedByItsPolicy_hasItsNetworkStill() {
    engine.networks().create("net");
    Container one =
        engine
            .containers()
            .start(
                shell("until [ -e /go ]; do busybox sleep 0.05; done; busybox rm /go")
                    .name("one")
                    .network("net")
                    .restart(RestartPolicy.always()));
    Container two = engine.containers().start(in("net", "two"));
    shell(one, "echo > /go");
    eventually(() -> one.inspect().restarts() == 1 && one.inspect().status().isAlive());
    eventually(() -> reaches(two, "one"));
  }

  @Test
  void killedRelay_isMendedByTheNextStart() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    killRouter();
    eventually(() -> relays() == 0);
    Container two = engine.containers().start(in("net", "two"));
    assertThat(reaches(two, "one")).isTrue();
    assertThat(reaches(one, "two")).isTrue();
    two.remove(true);
    assertThat(relays()).as("the one that was there before holds it").isEqualTo(1);
  }

  @Test
  void killedRelay_isMendedByTheNextEngineThatOpens() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    Container two = engine.containers().start(in("net", "two"));
    killRouter();
    eventually(() -> relays() == 0);
    eventually(() -> !reaches(two, "one"));
    try (Pinnace other = engine()) {
      assertThat(other.networks().list(NetworkFilter.all().predefined(false))).hasSize(1);
    }
    assertThat(reaches(two, "one")).isTrue();
    assertThat(relays()).isEqualTo(1);
    one.remove(true);
    two.remove(true);
    eventually(() -> relays() == 0);
  }

  @Test
  void failedStart_leavesNoRouter() {
    engine.networks().create("net");
    assertThatThrownBy(
            () -> engine.containers().start(image(IMAGE).command("/none").network("net")))
        .isInstanceOf(StartFailedException.class);
    assertThat(state("net").endpoints()).isEmpty();
    eventually(() -> relays() == 0);
  }

  @Test
  void badRequests_areRefused_andLeaveNothing() {
    assertThatThrownBy(() -> engine.containers().create(in("nowhere", "lost")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no network \"nowhere\"");
    engine.networks().create("net");
    assertThatThrownBy(
            () -> engine.containers().create(in("net", "mapped").userMap(100_000, 100_000, 65_536)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("user map");
    Container first = engine.containers().create(in("net", "first"));
    String address = state("net").endpoints().get(0).address();
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .create(waiting().network(NetworkAttachment.to("net").withAddress(address))))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining(address);
    assertThatThrownBy(() -> engine.networks().get("net").remove())
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("used by container first: remove it");
    first.remove(true);
    assertThat(state("net").endpoints()).isEmpty();
  }
}
