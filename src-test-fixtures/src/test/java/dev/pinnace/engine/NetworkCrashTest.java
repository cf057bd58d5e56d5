package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Network;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.HostPort;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkSpec;
import dev.pinnace.spec.NetworkState.Endpoint;
import java.util.List;
import org.junit.jupiter.api.Test;

/** JVMs that use one root's networks at once, and are killed while they do. */
class NetworkCrashTest extends NetworkFixture {
  private static final String WAITS = "echo ready; busybox sleep 1000";

  @Test
  void killedJvm_takesItsRouterAlong() {
    engine.networks().create("net");
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("start", "cc", "bound,network", WAITS)).hasSize(64);
      assertThat(relays()).isEqualTo(1);
      peer.kill();
    }
    eventually(() -> relays() == 0);
  }

  @Test
  void detached_goesOnWithoutTheJvm_andIsReachedByAnothers() {
    engine.networks().create("net");
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("start", "cc", "detached,network", WAITS)).hasSize(64);
      peer.kill();
    }
    assertThat(relays()).isEqualTo(1);
    Container mine = engine.containers().start(in("net", "mine"));
    assertThat(reaches(mine, "cc")).isTrue();
    assertThat(reaches(engine.containers().get("cc"), "mine")).isTrue();
  }

  @Test
  void publishedPort_goesOnWithoutTheJvm_andEndsWithTheContainer() {
    engine.networks().create("net");
    try (Peer peer = Peer.start(root(), runDirectory())) {
      String serves = "exec busybox nc -ll -p 8080 -e echo hello";
      assertThat(peer.ask("start", "dd", "detached,network,published", serves)).hasSize(64);
      assertThat(peer.ask("start", "cc", "bound,network,published", serves)).hasSize(64);
      HostPort mine = engine.containers().get("cc").port(8080);
      eventually(() -> PortFixture.answer(mine).equals("hello"));
      peer.kill();
      eventually(() -> !PortFixture.answers(mine));
    }
    HostPort port = engine.containers().get("dd").port(8080);
    eventually(() -> PortFixture.answer(port).equals("hello"));
    engine.containers().get("dd").remove(true);
    eventually(() -> PortFixture.isFree(port.port()));
  }

  @Test
  void killedAnywhere_leavesNoPort() {
    everyPoint(List.of(), List.of("start", "cc", "bound,network,published", WAITS), "net");
  }

  @Test
  void twoJvms_giveOutDifferentAddresses_inOneRouter() {
    engine.networks().create("net");
    try (Peer one = Peer.start(root(), runDirectory());
        Peer two = Peer.start(root(), runDirectory())) {
      for (int round = 0; round < 3; round++) {
        one.say("start", "one" + round, "bound,network", WAITS);
        two.say("start", "two" + round, "bound,network", WAITS);
        assertThat(one.hear()).hasSize(64);
        assertThat(two.hear()).hasSize(64);
      }
      List<Endpoint> endpoints = state("net").endpoints();
      assertThat(endpoints).extracting(Endpoint::address).doesNotHaveDuplicates().hasSize(6);
      Container first = engine.containers().get("one0");
      for (Endpoint endpoint : endpoints) {
        assertThat(reaches(first, endpoint.name())).as(endpoint.name()).isTrue();
      }
    }
  }

  @Test
  void killedAnywhere_leavesNoAddressAndNoRouter() {
    everyPoint(List.of(), List.of("start", "cc", "bound,fleeting,network", WAITS), "net");
    everyPoint(List.of("make-network", "other"), List.of("remove-network", "other"), "net");
    everyPoint(List.of(), List.of("make-network", "other"), "net");
  }

  private void everyPoint(List<String> before, List<String> work, String network) {
    int point = 1;
    while (crashAtPoint(point, before, work, network)) {
      point++;
    }
    assertThat(point).as("points of %s", work).isGreaterThan(1);
  }

  private boolean crashAtPoint(int point, List<String> before, List<String> work, String network) {
    engine.networks().create(NetworkSpec.named(network).withIpv6());
    String said;
    try (Peer peer = Peer.start(root(), runDirectory())) {
      if (!before.isEmpty()) {
        assertThat(peer.ask(before.toArray(String[]::new))).doesNotStartWith("failed");
      }
      assertThat(peer.ask("halt-at-point", Integer.toString(point))).isEqualTo("ok");
      said = peer.ask(work.toArray(String[]::new));
      assertThat(said).doesNotStartWith("failed");
      peer.kill();
    }
    eventually(() -> relays() == 0);
    try (Pinnace next = engine()) {
      next.containers().find("cc").ifPresent(left -> left.remove(true));
      assertThat(next.networks().get(network).inspect().endpoints()).as(said).isEmpty();
      next.networks().find("other").ifPresent(Network::remove);
      if (work.contains("make-network")) {
        next.networks().create("other").remove();
      }
      next.networks().get(network).remove();
      assertThat(next.networks().list(NetworkFilter.all().predefined(false))).as(said).isEmpty();
    }
    return said.startsWith("halted");
  }
}
