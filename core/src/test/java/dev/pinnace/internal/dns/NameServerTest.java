package dev.pinnace.internal.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A name server on the loopback, with servers behind it that do what servers do. */
@Timeout(120)
class NameServerTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int ATTEMPTS = 10;
  private static final int PATIENCE_MILLIS = 30_000;
  private static final int LARGEST = 65_535;

  private final List<FakeServer> fakes = new ArrayList<>();
  private volatile List<InetAddress> servers = List.of();
  private volatile boolean enclosed;
  private volatile boolean over;
  private int port;
  private CompletableFuture<Boolean> ended = new CompletableFuture<>();
  private InetSocketAddress address;

  private final class Asker implements Peers.Asker {
    @Override
    public List<InetAddress> addresses(String name) {
      return switch (name) {
        case "web" -> List.of(address("172.30.0.2"));
        case "both" -> List.of(address("172.30.0.2"), address("fd30::2"));
        case "many" -> IntStream.range(0, 100).mapToObj(i -> address("172.30.1." + i)).toList();
        default -> List.of();
      };
    }

    @Override
    public boolean isNear(InetAddress near) {
      return near.getHostAddress().startsWith("172.30.")
          || near.getHostAddress().startsWith("fd30:");
    }

    @Override
    public Optional<String> name(InetAddress of) {
      return List.of(address("172.30.0.2"), address("fd30::2")).contains(of)
          ? Optional.of("web.net")
          : Optional.empty();
    }

    @Override
    public boolean isEnclosed() {
      return enclosed;
    }

    @Override
    public Optional<List<InetAddress>> servers() {
      return Optional.empty();
    }
  }

  private static InetAddress address(String text) {
    return HostServers.address(text).orElseThrow();
  }

  @BeforeEach
  void begin() throws IOException {
    ended.complete(true); // until there is a server
    Sockets sockets = bind();
    address = (InetSocketAddress) sockets.datagrams().getLocalAddress();
    try (DatagramSocket free = new DatagramSocket(0, address("127.0.0.2"))) {
      port = free.getLocalPort();
    }
    NameServer server =
        new NameServer(sockets, source -> Optional.of(new Asker()), () -> servers, port);
    ended = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try (server) {
                while (!over) {
                  boolean unused = server.turn(20);
                }
                ended.complete(true);
              } catch (IOException | RuntimeException e) {
                ended.completeExceptionally(e);
              }
            },
            "served");
    thread.setDaemon(true);
    thread.start();
  }

  /** A port that is free for the one protocol may be taken for the other. */
  private static Sockets bind() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return Sockets.bind(new InetSocketAddress(LOOPBACK, 0));
      } catch (BindException taken) {
        if (attempt == ATTEMPTS) {
          throw taken;
        }
      }
    }
  }

  @AfterEach
  void end() throws IOException {
    over = true;
    assertThat(ended.join()).isTrue();
    for (FakeServer fake : fakes) {
      fake.close();
    }
  }

  private FakeServer fake(String at, FakeServer.Kind kind) throws IOException {
    FakeServer fake = new FakeServer(new InetSocketAddress(at, port), kind);
    fakes.add(fake);
    servers = fakes.stream().map(FakeServer::address).toList();
    return fake;
  }

  @Test
  void own_name_isAnswered_inAnyCase_withAFewSecondsToLive() throws IOException {
    Message answer = ask("WeB", Type.A);
    assertThat(told(answer)).isEqualTo("NOERROR 172.30.0.2");
    assertThat(answer.getQuestion().getName().toString()).isEqualTo("WeB.");
    assertThat(answer.getSection(Section.ANSWER).get(0).getTTL()).isBetween(0L, 5L);
    assertThat(told(ask("web", Type.AAAA))).isEqualTo("NOERROR");
    assertThat(told(ask("2.0.30.172.in-addr.arpa", Type.PTR))).isEqualTo("NOERROR web.net.");
    assertThat(told(ask("3.0.30.172.in-addr.arpa", Type.PTR))).isEqualTo("NXDOMAIN");
  }

  @Test
  void own_name_hasAddressesOfBothKinds() throws IOException {
    assertThat(told(ask("both", Type.A))).isEqualTo("NOERROR 172.30.0.2");
    assertThat(told(ask("both", Type.AAAA))).isEqualTo("NOERROR fd30:0:0:0:0:0:0:2");
    assertThat(told(ask("both", Type.ANY))).contains("172.30.0.2", "fd30:0:0:0:0:0:0:2");
    assertThat(told(ask("both", Type.TXT))).isEqualTo("NOERROR");
    String zeros = ".0".repeat(27) + ".0.3.d.f.ip6.arpa";
    assertThat(told(ask("2" + zeros, Type.PTR))).isEqualTo("NOERROR web.net.");
    assertThat(told(ask("3" + zeros, Type.PTR))).as("nobody's").isEqualTo("NXDOMAIN");
    assertThat(told(ask("0.3.d.f.ip6.arpa", Type.PTR))).as("no address").isEqualTo("SERVFAIL");
    assertThat(told(ask("30.172.in-addr.arpa", Type.PTR))).as("none either").isEqualTo("SERVFAIL");
  }

  @Test
  void otherName_isForwarded_andRefusedWhereEnclosed() throws IOException {
    FakeServer fake = fake("127.0.0.2", FakeServer.Kind.GOOD);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(told(ask("single", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(fake.ports()).as("another one for each question").doesNotHaveDuplicates();
    enclosed = true;
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NXDOMAIN");
    assertThat(told(ask("web", Type.A))).isEqualTo("NOERROR 172.30.0.2");
  }

  @Test
  void noServer_isSaidAtOnce() throws IOException {
    assertThat(told(ask("example.com", Type.A))).isEqualTo("SERVFAIL");
    servers = List.of(address("127.0.0.9")); // where nobody is
    assertThat(told(ask("example.com", Type.A))).isEqualTo("SERVFAIL");
  }

  @Test
  void silentServer_isPassedBy_andAskedLastFromThenOn() throws IOException {
    FakeServer silent = fake("127.0.0.2", FakeServer.Kind.SILENT);
    FakeServer good = fake("127.0.0.3", FakeServer.Kind.GOOD);
    for (int i = 0; i < 8; i++) {
      assertThat(told(ask("n" + i + ".example", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    }
    assertThat(good.ports()).hasSize(8);
    assertThat(silent.ports()).hasSizeLessThan(4);
  }

  @Test
  void onlyServer_isWaitedFor_andAskedAgain() throws IOException {
    FakeServer slow = fake("127.0.0.2", FakeServer.Kind.SLOW);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(slow.ports()).isNotEmpty();
    slow.close();
    fakes.clear();
    FakeServer forgetful = fake("127.0.0.3", FakeServer.Kind.FORGETFUL);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(forgetful.ports()).hasSizeGreaterThan(1);
  }

  @Test
  void serverThatFails_leavesItToTheNext() throws IOException {
    FakeServer failing = fake("127.0.0.2", FakeServer.Kind.FAILING);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("SERVFAIL");
    FakeServer good = fake("127.0.0.3", FakeServer.Kind.GOOD);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(failing.ports()).isNotEmpty();
    assertThat(good.ports()).isNotEmpty();
  }

  @Test
  void lyingServer_isNotBelieved() throws IOException {
    FakeServer lying = fake("127.0.0.2", FakeServer.Kind.LYING);
    fake("127.0.0.3", FakeServer.Kind.GOOD);
    assertThat(told(ask("example.com", Type.A))).isEqualTo("NOERROR 192.0.2.1");
    assertThat(lying.ports()).isNotEmpty();
  }

  @Test
  void largeAnswer_isWholeByTcp_andTruncatedWhereItHasNoRoom() throws IOException {
    fake("127.0.0.2", FakeServer.Kind.LARGE);
    Message small = ask("example.com", Type.A);
    assertThat(small.getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(small.getSection(Section.ANSWER)).isEmpty();
    Message query = query("example.com", Type.A);
    query.addRecord(new OPTRecord(16_000, 0, 0), Section.ADDITIONAL);
    Message roomy = new Message(exchange(query.toWire()));
    assertThat(roomy.getHeader().getFlag(Flags.TC)).isFalse();
    assertThat(roomy.getSection(Section.ANSWER)).hasSize(FakeServer.MANY);
    assertThat(askByStream("example.com", 1)).hasSize(1);
    assertThat(askByStream("example.com", 1).get(0).getSection(Section.ANSWER))
        .hasSize(FakeServer.MANY);
  }

  @Test
  void alias_ofVeryMany_fitsIntoADatagram() throws IOException {
    assertThat(ask("many", Type.A).getSection(Section.ANSWER)).hasSizeBetween(8, 30);
  }

  @Test
  void stream_answersOneAfterTheOther() throws IOException {
    List<Message> answers = askByStream("web", 20);
    assertThat(answers).hasSize(20).allMatch(answer -> told(answer).equals("NOERROR 172.30.0.2"));
  }

  @Test
  void garbage_isAnsweredWithAnErrorOrNotAtAll() throws IOException {
    Random random = new Random(7);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < 5_000; i++) {
        byte[] junk = query("web", Type.A).toWire();
        if (i % 2 == 0) {
          junk = Arrays.copyOf(junk, random.nextInt(junk.length));
        } else {
          junk = new byte[random.nextInt(300)];
          random.nextBytes(junk);
        }
        socket.send(new DatagramPacket(junk, junk.length, address));
      }
    }
    byte[] answerItself = query("web", Type.A).toWire();
    answerItself[2] |= (byte) 0x80;
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.send(new DatagramPacket(answerItself, answerItself.length, address));
    }
    byte[] padded = Arrays.copyOf(query("web", Type.A).toWire(), 8_000);
    assertThat(new Message(exchange(padded)).getRcode()).isEqualTo(Rcode.FORMERR);
    byte[] update = query("web", Type.A).toWire();
    update[2] = 5 << 3;
    assertThat(new Message(exchange(update)).getRcode()).isEqualTo(Rcode.NOTIMP);
    assertThat(told(ask("web", Type.A))).isEqualTo("NOERROR 172.30.0.2");
  }

  @Test
  void streams_thatAreHostile_keepNobodyOut() throws IOException {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(LOOPBACK, address.getPort());
        open.add(socket);
        try {
          socket.getOutputStream().write(i % 2 == 0 ? new byte[] {(byte) 0xFF} : new byte[] {0});
        } catch (IOException closed) {
          assertThat(i).as("closed as there are too many").isPositive();
        }
      }
      assertThat(told(ask("web", Type.A))).isEqualTo("NOERROR 172.30.0.2");
      assertThat(open.stream().filter(NameServerTest::isClosedByPeer).count())
          .as("those beyond the limit")
          .isGreaterThan(200);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
    Socket huge = new Socket(LOOPBACK, address.getPort());
    try (huge) {
      huge.setSoTimeout(PATIENCE_MILLIS);
      huge.getOutputStream().write(new byte[] {(byte) 0xFF, (byte) 0xFF, 1, 2, 3});
      assertThat(isClosedByPeer(huge)).isTrue();
    }
  }

  private static boolean isClosedByPeer(Socket socket) {
    try {
      socket.setSoTimeout(socket.getSoTimeout() == 0 ? 1 : socket.getSoTimeout());
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void flood_ofNamesThatNobodyAnswers_leavesRoomForOwnNames() throws IOException {
    fake("127.0.0.2", FakeServer.Kind.SILENT);
    try (DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < 2_000; i++) {
        byte[] query = query("n" + i + ".example", Type.A).toWire();
        socket.send(new DatagramPacket(query, query.length, address));
      }
      assertThat(told(ask("web", Type.A))).isEqualTo("NOERROR 172.30.0.2");
    }
  }

  private Message ask(String name, int type) throws IOException {
    return new Message(exchange(query(name, type).toWire()));
  }

  private static Message query(String name, int type) throws IOException {
    return Message.newQuery(Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
  }

  /** Asks again as resolvers do: a server whose socket is full loses what comes. */
  private byte[] exchange(byte[] query) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(address);
      socket.setSoTimeout(PATIENCE_MILLIS / ATTEMPTS);
      DatagramPacket answer = new DatagramPacket(new byte[LARGEST], LARGEST);
      for (int attempt = 1; ; attempt++) {
        socket.send(new DatagramPacket(query, query.length));
        try {
          socket.receive(answer);
          break;
        } catch (SocketTimeoutException lost) {
          if (attempt == ATTEMPTS) {
            throw lost;
          }
        }
      }
      byte[] wire = Arrays.copyOf(answer.getData(), answer.getLength());
      assertThat(ByteBuffer.wrap(wire).getShort(0)).isEqualTo(ByteBuffer.wrap(query).getShort(0));
      return wire;
    }
  }

  private List<Message> askByStream(String name, int times) throws IOException {
    try (Socket socket = new Socket(LOOPBACK, address.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      for (int i = 0; i < times; i++) {
        byte[] query = query(name, Type.A).toWire();
        ByteBuffer message = ByteBuffer.allocate(2 + query.length);
        message.putShort((short) query.length).put(query);
        socket.getOutputStream().write(message.array());
      }
      DataInputStream in = new DataInputStream(socket.getInputStream());
      List<Message> answers = new ArrayList<>();
      for (int i = 0; i < times; i++) {
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        answers.add(new Message(answer));
      }
      return answers;
    }
  }

  private static String told(Message answer) {
    return (Rcode.string(answer.getRcode())
            + " "
            + answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .collect(Collectors.joining(" ")))
        .strip();
  }
}
