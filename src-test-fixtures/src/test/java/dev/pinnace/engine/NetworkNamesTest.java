package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

/** What is answered at the gateways of networks. */
class NetworkNamesTest extends NetworkFixture {
  @Test
  void nslookup_inAContainer_findsNameAliasIdAndAddress() {
    engine.networks().create("backend");
    Container db =
        engine
            .containers()
            .start(
                waiting()
                    .name("db")
                    .network(NetworkAttachment.to("backend").withAlias("database")));
    Container web = engine.containers().start(in("backend", "web"));
    String address = address("backend", "db");
    assertThat(shell(web, "busybox cat /etc/resolv.conf"))
        .startsWith("nameserver " + state("backend").gateway() + "\n")
        .contains("ndots:0");
    for (String name : List.of("db", "DB", "database", db.id().shortHex(), "db.backend")) {
      assertThat(lookUp(web, name).stdout()).as(name).contains("Address: " + address);
    }
    assertThat(lookUp(web, address).stdout()).contains("name = db.backend");
  }

  private ExecResult lookUp(Container container, String name) {
    return container.execute("busybox", "nslookup", name, state("backend").gateway());
  }

  @Test
  void files_haveNamesInUtf8() {
    engine.networks().create("net");
    String seen =
        engine
            .containers()
            .run(
                shell("busybox cat /etc/hosts /etc/resolv.conf")
                    .network("net")
                    .extraHost("büro-日", "10.1.2.3")
                    .dnsSearch("日.test"))
            .stdout();
    assertThat(seen).contains("10.1.2.3\tbüro-日\n").contains("search 日.test\n");
  }

  @Test
  void changes_areSeenAtOnce() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(NameClient.ask(one, "one", Type.A)).isEqualTo("NOERROR " + address("net", "one"));
    Container two = engine.containers().create(in("net", "two"));
    assertThat(NameClient.own(one, "two")).as("created only").isFalse();
    two.start();
    assertThat(NameClient.own(one, "two")).as("started").isTrue();
    two.rename("other");
    assertThat(NameClient.own(one, "other")).as("renamed").isTrue();
    assertThat(NameClient.own(one, "two")).as("its former name").isFalse();
    two.stop();
    eventually(() -> !NameClient.own(one, "other"));
    two.start();
    assertThat(NameClient.own(one, "other")).as("started again").isTrue();
    two.remove(true);
    assertThat(NameClient.own(one, "other")).as("removed").isFalse();
  }

  @Test
  void ownNameWithoutSuchRecords_isThereAllTheSame() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(NameClient.ask(one, "one", Type.AAAA)).isEqualTo("NOERROR");
    assertThat(NameClient.ask(one, "ONE", Type.MX)).isEqualTo("NOERROR");
    assertThat(NameClient.askByStream(one, "one", Type.A))
        .isEqualTo("NOERROR " + address("net", "one"));
  }

  @Test
  void alias_ofSeveral_isAllOfThem() {
    engine.networks().create("net");
    for (String name : List.of("aa", "bb", "cc")) {
      Container unused =
          engine
              .containers()
              .start(waiting().name(name).network(NetworkAttachment.to("net").withAlias("any")));
    }
    Container asker = engine.containers().start(in("net", "asker"));
    assertThat(NameClient.ask(asker, "any", Type.A).split(" "))
        .containsExactlyInAnyOrder(
            "NOERROR", address("net", "aa"), address("net", "bb"), address("net", "cc"));
  }

  @Test
  void namesOfOtherNetworks_areNobodysHere() {
    engine.networks().create(NetworkSpec.named("one").asInternal());
    engine.networks().create(NetworkSpec.named("two").asInternal());
    Container first = engine.containers().start(in("one", "first"));
    Container second = engine.containers().start(in("two", "second"));
    assertThat(NameClient.ask(first, "first", Type.A)).startsWith("NOERROR 1");
    assertThat(NameClient.ask(first, "second", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(NameClient.ask(second, "first", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(NameClient.ask(first, "example.com", Type.A)).as("enclosed").isEqualTo("NXDOMAIN");
    assertThat(NameClient.ask(first, reverse(address("two", "second")), Type.PTR))
        .isEqualTo("NXDOMAIN");
    assertThat(shell(first, "busybox cat /etc/resolv.conf").lines())
        .filteredOn(line -> line.startsWith("nameserver"))
        .containsExactly("nameserver " + state("one").gateway());
  }

  private static String reverse(String address) {
    String[] parts = address.split("\\.", 4);
    return parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0] + ".in-addr.arpa";
  }

  @Test
  void engineThatCloses_leavesTheAnswersToAnother() {
    engine.networks().create("net");
    Container held = engine.containers().start(in("net", "held").detached());
    Pinnace other = engine();
    try {
      assertThat(NameClient.own(held, "held")).isTrue();
      engine.close();
      Container same = other.containers().get("held");
      eventually(() -> NameClient.answers(same, "held"));
      same.rename("other");
      assertThat(NameClient.own(same, "other")).isTrue();
    } finally {
      other.close();
      engine = engine();
    }
  }

  /** Where nobody has answered for a while, the first question of an exec is answered. */
  @Test
  void engineThatOpens_answersBeforeAProgramAsks() {
    engine.networks().create("net");
    engine.containers().start(in("net", "held").detached());
    engine.close();
    engine = engine();
    Container held = engine.containers().get("held");
    assertThat(shell(held, "busybox nslookup -type=a held")).contains(address("net", "held"));
  }

  @Test
  void killedJvm_leavesTheAnswersToAnother() {
    engine.networks().create("net");
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("start", "cc", "detached,network", "busybox sleep 1000")).hasSize(64);
      Container mine = engine.containers().start(in("net", "mine"));
      assertThat(NameClient.own(mine, "cc")).as("answered by the other JVM").isTrue();
      peer.kill();
      eventually(() -> NameClient.answers(mine, "cc"));
      assertThat(NameClient.own(engine.containers().get("cc"), "mine")).isTrue();
    }
  }

  @Test
  void dnsSettings_areInTheFile() {
    engine.networks().create("net");
    Container one =
        engine
            .containers()
            .start(
                in("net", "one")
                    .dns("127.0.0.1", "192.0.2.53")
                    .dnsSearch("example.org")
                    .dnsOption("timeout:1"));
    assertThat(shell(one, "busybox cat /etc/resolv.conf"))
        .isEqualTo(
            "nameserver "
                + state("net").gateway()
                + "\nnameserver 127.0.0.1\nnameserver 192.0.2.53\n"
                + "search example.org\noptions timeout:1 ndots:0");
    assertThat(NameClient.own(one, "one")).isTrue();
  }

  @Test
  void nameServersThatOnlyTheContainerReaches_areLeftToIt() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one").dns("127.0.0.1"));
    assertThat(NameClient.ask(one, "example.com", Type.A)).isEqualTo("SERVFAIL");
  }

  @Test
  void killedRelay_isFollowedToTheNewRouter() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(NameClient.own(one, "one")).isTrue();
    killRouter();
    eventually(() -> relays() == 0);
    Container two = engine.containers().start(in("net", "two"));
    assertThat(NameClient.own(two, "one")).isTrue();
    assertThat(NameClient.own(one, "two")).isTrue();
  }

  @Test
  void lastContainer_takesTheRouterWithIt_thoughItsNamesWereAnswered() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(NameClient.own(one, "one")).isTrue();
    one.remove(true);
    eventually(() -> relays() == 0);
    eventually(() -> threads().isEmpty());
    Container next = engine.containers().start(in("net", "next"));
    assertThat(NameClient.own(next, "next")).isTrue();
  }

  @Test
  void routersThatComeAndGo_leaveNoSocket() {
    engine.networks().create("net");
    long before = sockets();
    for (int i = 0; i < 10; i++) {
      engine.containers().start(in("net", "one")).remove(true);
      eventually(() -> relays() == 0);
    }
    eventually(() -> threads().isEmpty());
    eventually(() -> sockets() <= before);
  }

  private static long sockets() {
    try {
      return children(Path.of("/proc/self/fd")).stream()
          .filter(open -> target(open).startsWith("socket:"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closed) {
      return "";
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("pinnace-names"))
        .toList();
  }

  @Test
  void garbage_isSurvived() throws IOException {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    try (DatagramChannel channel = NameClient.inside(one, NameClient::datagrams)) {
      InetSocketAddress gateway = NameClient.gateway(one);
      for (int length = 0; length < 600; length++) {
        byte[] junk = new byte[length];
        new Random(length).nextBytes(junk);
        assertThat(channel.send(ByteBuffer.wrap(junk), gateway)).isEqualTo(length);
      }
    }
    assertThat(NameClient.own(one, "one")).isTrue();
  }
}
