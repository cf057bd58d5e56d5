package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.NetworkNamespace;
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
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/** Asks as a container's own resolver would, by sockets in its network namespace. */
final class NameClient {
  private static final int PORT = 53;
  private static final int PATIENCE_MILLIS = 10_000;

  private NameClient() {}

  /** Whether it is a name of the asker's networks. */
  static boolean own(Container asker, String name) {
    return ask(asker, name, Type.A).startsWith("NOERROR 1");
  }

  /** Whether somebody is there who answers. */
  static boolean answers(Container asker, String name) {
    try {
      return own(asker, name);
    } catch (UncheckedIOException unreachable) {
      assertThat(unreachable).hasCauseInstanceOf(PortUnreachableException.class);
      return false;
    }
  }

  static String ask(Container asker, String name, int type) {
    byte[] query = Message.newQuery(question(name, type)).toWire();
    try (DatagramChannel channel = inside(asker, NameClient::datagrams)) {
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

  static String askByStream(Container asker, String name, int type) {
    byte[] query = Message.newQuery(question(name, type)).toWire();
    try (SocketChannel channel = inside(asker, NameClient::stream)) {
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

  static InetSocketAddress gateway(Container container) {
    try {
      String first = Files.readAllLines(container.paths().resolvConf()).get(0);
      return new InetSocketAddress(first.replace("nameserver ", ""), PORT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static DatagramChannel datagrams() {
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

  static <T> T inside(Container container, Supplier<T> work) {
    Path namespace = Path.of("/proc/" + container.inspect().pid().orElseThrow() + "/ns/net");
    try (Fd open = Inode.openForReading(namespace)) {
      return NetworkNamespace.in(open, work);
    }
  }
}
