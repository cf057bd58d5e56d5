package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.NetworkSpec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** What is answered at the gateways of networks. */
class NetworkNamesTest extends NetworkFixture {
  private static final int PORT = 53;
  private static final int PATIENCE_MILLIS = 10_000;

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

  private String address(String network, String name) {
    return state(network).endpoints().stream()
        .filter(endpoint -> endpoint.name().equals(name))
        .findFirst()
        .orElseThrow()
        .address();
  }

  @Test
  void changes_areSeenAtOnce() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(ask(one, "one", Type.A)).isEqualTo("NOERROR " + address("net", "one"));
    Container two = engine.containers().create(in("net", "two"));
    assertThat(own(one, "two")).as("created only").isFalse();
    two.start();
    assertThat(own(one, "two")).as("started").isTrue();
    two.rename("other");
    assertThat(own(one, "other")).as("renamed").isTrue();
    assertThat(own(one, "two")).as("its former name").isFalse();
    two.stop();
    eventually(() -> !own(one, "other"));
    two.start();
    assertThat(own(one, "other")).as("started again").isTrue();
    two.remove(true);
    assertThat(own(one, "other")).as("removed").isFalse();
  }

  private static boolean own(Container asker, String name) {
    return ask(asker, name, Type.A).startsWith("NOERROR 1");
  }

  @Test
  void ownNameWithoutSuchRecords_isThereAllTheSame() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(ask(one, "one", Type.AAAA)).isEqualTo("NOERROR");
    assertThat(ask(one, "ONE", Type.MX)).isEqualTo("NOERROR");
    assertThat(askByStream(one, "one", Type.A)).isEqualTo("NOERROR " + address("net", "one"));
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
    assertThat(ask(asker, "any", Type.A).split(" "))
        .containsExactlyInAnyOrder(
            "NOERROR", address("net", "aa"), address("net", "bb"), address("net", "cc"));
  }

  @Test
  void namesOfOtherNetworks_areNobodysHere() {
    engine.networks().create(NetworkSpec.named("one").asInternal());
    engine.networks().create(NetworkSpec.named("two").asInternal());
    Container first = engine.containers().start(in("one", "first"));
    Container second = engine.containers().start(in("two", "second"));
    assertThat(ask(first, "first", Type.A)).startsWith("NOERROR 1");
    assertThat(ask(first, "second", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(ask(second, "first", Type.A)).isEqualTo("NXDOMAIN");
    assertThat(ask(first, "example.com", Type.A)).as("enclosed").isEqualTo("NXDOMAIN");
    assertThat(ask(first, reverse(address("two", "second")), Type.PTR)).isEqualTo("NXDOMAIN");
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
      assertThat(own(held, "held")).isTrue();
      engine.close();
      Container same = other.containers().get("held");
      eventually(() -> answers(same, "held"));
      same.rename("other");
      assertThat(own(same, "other")).isTrue();
    } finally {
      other.close();
      engine = engine();
    }
  }

  @Test
  void killedJvm_leavesTheAnswersToAnother() {
    engine.networks().create("net");
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("start", "cc", "detached,network", "busybox sleep 1000")).hasSize(64);
      Container mine = engine.containers().start(in("net", "mine"));
      assertThat(own(mine, "cc")).as("answered by the other JVM").isTrue();
      peer.kill();
      eventually(() -> answers(mine, "cc"));
      assertThat(own(engine.containers().get("cc"), "mine")).isTrue();
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
    assertThat(own(one, "one")).isTrue();
  }

  @Test
  void nameServersThatOnlyTheContainerReaches_areLeftToIt() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one").dns("127.0.0.1"));
    assertThat(ask(one, "example.com", Type.A)).isEqualTo("SERVFAIL");
  }

  @Test
  void killedRelay_isFollowedToTheNewRouter() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(own(one, "one")).isTrue();
    killRouter();
    eventually(() -> relays() == 0);
    Container two = engine.containers().start(in("net", "two"));
    assertThat(own(two, "one")).isTrue();
    assertThat(own(one, "two")).isTrue();
  }

  @Test
  void lastContainer_takesTheRouterWithIt_thoughItsNamesWereAnswered() {
    engine.networks().create("net");
    Container one = engine.containers().start(in("net", "one"));
    assertThat(own(one, "one")).isTrue();
    one.remove(true);
    eventually(() -> relays() == 0);
    eventually(() -> threads().isEmpty());
    Container next = engine.containers().start(in("net", "next"));
    assertThat(own(next, "next")).isTrue();
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
    try (DatagramChannel channel = inside(one, NetworkNamesTest::datagrams)) {
      InetSocketAddress gateway = gateway(one);
      for (int length = 0; length < 600; length++) {
        byte[] junk = new byte[length];
        new Random(length).nextBytes(junk);
        assertThat(channel.send(ByteBuffer.wrap(junk), gateway)).isEqualTo(length);
      }
    }
    assertThat(own(one, "one")).isTrue();
  }

  /** Whether somebody is there who answers. */
  private static boolean answers(Container asker, String name) {
    try {
      return own(asker, name);
    } catch (UncheckedIOException unreachable) {
      assertThat(unreachable).hasCauseInstanceOf(PortUnreachableException.class);
      return false;
    }
  }

  private static String ask(Container asker, String name, int type) {
    byte[] query = Message.newQuery(question(name, type)).toWire();
    try (DatagramChannel channel = inside(asker, NetworkNamesTest::datagrams)) {
      channel.connect(gateway(asker));
      channel.socket().setSoTimeout(PATIENCE_MILLIS);
      channel.write(ByteBuffer.wrap(query));
      DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
      channel.socket().receive(packet);
      return told(Arrays.copyOf(packet.getData(), packet.getLength()));
    } catch (SocketTimeoutException e) {
      throw new AssertionError("nobody answers what " + name + " is", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String askByStream(Container asker, String name, int type) {
    byte[] query = Message.newQuery(question(name, type)).toWire();
    try (SocketChannel channel = inside(asker, NetworkNamesTest::stream)) {
      channel.connect(gateway(asker));
      channel.socket().setSoTimeout(PATIENCE_MILLIS);
      ByteBuffer message = ByteBuffer.allocate(2 + query.length);
      message.putShort((short) query.length).put(query).flip();
      channel.write(message);
      DataInputStream in = new DataInputStream(channel.socket().getInputStream());
      byte[] answer = new byte[in.readUnsignedShort()];
      in.readFully(answer);
      return told(answer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Record question(String name, int type) {
    try {
      return Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN);
    } catch (TextParseException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static String told(byte[] wire) throws IOException {
    Message answer = new Message(wire);
    return (Rcode.string(answer.getRcode())
            + " "
            + answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .collect(Collectors.joining(" ")))
        .strip();
  }

  private static InetSocketAddress gateway(Container container) {
    try {
      String first = Files.readAllLines(container.paths().resolvConf()).get(0);
      return new InetSocketAddress(first.replace("nameserver ", ""), PORT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DatagramChannel datagrams() {
    try {
      return DatagramChannel.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SocketChannel stream() {
    try {
      return SocketChannel.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> T inside(Container container, Supplier<T> work) {
    Path namespace = Path.of("/proc/" + container.inspect().pid().orElseThrow() + "/ns/net");
    try (Fd open = Inode.openForReading(namespace)) {
      return NetworkNamespace.in(open, work);
    }
  }
}
