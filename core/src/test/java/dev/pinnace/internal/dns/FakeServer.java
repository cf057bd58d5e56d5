package dev.pinnace.internal.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A server of a kind. */
final class FakeServer implements AutoCloseable {
  static final int MANY = 500;
  private static final int LARGEST = 65_535;

  /** What servers do. */
  enum Kind {
    GOOD,
    SILENT,
    /** Answers not before it was asked again. */
    FORGETFUL,
    /** Answers late. */
    SLOW,
    FAILING,
    /** Answers what it was not asked, by other numbers, about other names. */
    LYING,
    /** Has much to say, and truncates it in datagrams. */
    LARGE
  }

  private final InetSocketAddress at;
  private final Kind kind;
  private final DatagramSocket datagrams;
  private final ServerSocket streams;
  private final List<Integer> ports = new CopyOnWriteArrayList<>();

  FakeServer(InetSocketAddress at, Kind kind) throws IOException {
    this.at = at;
    this.kind = kind;
    this.datagrams = new DatagramSocket(at);
    this.streams = new ServerSocket(at.getPort(), 50, at.getAddress());
    start(this::answerDatagrams);
    start(this::answerStreams);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "fake-server");
    thread.setDaemon(true);
    thread.start();
  }

  InetAddress address() {
    return at.getAddress();
  }

  /** From which it was asked. */
  List<Integer> ports() {
    return ports;
  }

  private void answerDatagrams() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
        datagrams.receive(packet);
        ports.add(packet.getPort());
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        if (kind == Kind.FORGETFUL && ports.size() == 1) {
          continue;
        }
        if (kind == Kind.SLOW) {
          LockSupport.parkNanos(1_500_000_000L);
        }
        Optional<byte[]> answer = answer(query, false);
        if (answer.isPresent()) {
          datagrams.send(
              new DatagramPacket(answer.get(), answer.get().length, packet.getSocketAddress()));
        }
      }
    } catch (IOException closed) {
      datagrams.close();
    }
  }

  private void answerStreams() {
    while (!streams.isClosed()) {
      answerStream();
    }
  }

  /** A client that hangs up is as good as the end of the test. */
  private void answerStream() {
    try (Socket socket = streams.accept()) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] query = new byte[in.readUnsignedShort()];
      in.readFully(query);
      Optional<byte[]> answer = answer(query, true);
      if (answer.isPresent()) {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(answer.get().length);
        out.write(answer.get());
        out.flush();
      }
    } catch (IOException closed) {
      ports.add(-1);
    }
  }

  private Optional<byte[]> answer(byte[] wire, boolean whole) throws IOException {
    Message query = new Message(wire);
    Message answer =
        new Message((query.getHeader().getID() + (kind == Kind.LYING ? 1 : 0)) & 0xFFFF);
    answer.getHeader().setFlag(Flags.QR);
    Record question = query.getQuestion();
    answer.addRecord(question, Section.QUESTION);
    switch (kind) {
      case GOOD, LYING, FORGETFUL, SLOW ->
          answer.addRecord(record(question.getName(), 1), Section.ANSWER);
      case FAILING -> answer.getHeader().setRcode(Rcode.SERVFAIL);
      case LARGE -> {
        if (whole) {
          for (int i = 0; i < MANY; i++) {
            answer.addRecord(record(question.getName(), i), Section.ANSWER);
          }
        } else {
          answer.getHeader().setFlag(Flags.TC);
        }
      }
      case SILENT -> {
        return Optional.empty();
      }
    }
    return Optional.of(answer.toWire(LARGEST));
  }

  private static Record record(Name name, int number) throws IOException {
    byte[] address = {(byte) 192, 0, (byte) (2 + (number / 256)), (byte) number};
    return new ARecord(name, DClass.IN, 60, InetAddress.getByAddress(address));
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    streams.close();
  }
}
