package dev.pinnace.linux.net.netlink;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.net.NetworkNamespace;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A socket of netlink(7) in one network namespace. Requests are made one at a time, whatever
 * threads make them; the kernel answers before sendto(2) returns, so that none of them waits.
 */
public final class NetlinkSocket implements AutoCloseable {
  /** NETLINK_ROUTE: interfaces, addresses and routes. */
  public static final int ROUTE = 0;

  /** NETLINK_NETFILTER. */
  public static final int NETFILTER = 12;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int NETLINK_GET_STRICT_CHK = 12;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;

  private static final int NLM_F_REQUEST = 1;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_DUMP_INTR = 0x10;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int NLM_F_DUMP = 0x300;
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLMSGERR_ATTR_MSG = 1;

  /** An error's number and the header of what it answers, before its attributes. */
  private static final int ERROR = 4 + NetlinkMessage.HEADER;

  /** More than the kernel puts in one message of a dump. */
  private static final int BUFFER = 64 * 1024;

  private static final int ATTEMPTS = 10;

  private final Fd fd;
  private final String name;
  private int sequence;

  private NetlinkSocket(Fd fd, String name) {
    this.fd = fd;
    this.name = name;
  }

  /** A socket in the namespace of this JVM. */
  public static NetlinkSocket open(int protocol) {
    String name = protocol == ROUTE ? "rtnetlink" : "netlink " + protocol;
    int number =
        (int) Sys.SOCKET.on("AF_NETLINK, " + name, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    NetlinkSocket socket = new NetlinkSocket(new Fd(number, name), name);
    try {
      socket.set(NETLINK_CAP_ACK);
      socket.set(NETLINK_EXT_ACK);
      socket.set(NETLINK_GET_STRICT_CHK);
      return socket;
    } catch (ErrnoException refusal) {
      socket.close();
      throw refusal;
    }
  }

  /** A socket in {@code namespace}, whoever uses it. */
  public static NetlinkSocket open(int protocol, Fd namespace) {
    return NetworkNamespace.in(namespace, () -> open(protocol));
  }

  private void set(int option) {
    try (NativeMemory one = NativeMemory.of(4)) {
      one.putInt(0, 1);
      Sys.SETSOCKOPT.on(name, fd.number(), SOL_NETLINK, option, one.address(), 4);
    }
  }

  /**
   * Has the kernel do what a message says.
   *
   * @throws ErrnoException with the message's words, and the kernel's where it has any
   */
  public synchronized void change(NetlinkMessage message) {
    answer(message, NLM_F_REQUEST | NLM_F_ACK);
  }

  /**
   * What the kernel answers to a question: the payload of each message.
   *
   * @throws ErrnoException as {@link #change}; EINTR if what is asked for changes all the time
   */
  public synchronized List<ByteBuffer> dump(NetlinkMessage message) {
    for (int attempt = 1; ; attempt++) {
      Answer answer = answer(message, NLM_F_REQUEST | NLM_F_DUMP);
      if (!answer.changed) {
        return answer.payloads;
      }
      if (attempt == ATTEMPTS) {
        throw new ErrnoException("recvfrom", Errno.EINTR, message.text());
      }
    }
  }

  /**
   * Sends messages at once, as netfilter's transactions need it: all of them are carried out, or
   * none.
   *
   * @throws ErrnoException for the first that is refused
   */
  public synchronized void transact(List<NetlinkMessage> messages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Map<Integer, Answer> answers = new LinkedHashMap<>();
    for (NetlinkMessage message : messages) {
      int number = ++sequence;
      all.writeBytes(message.encoded(NLM_F_REQUEST, number));
      answers.put(number, new Answer(number, message.text()));
    }
    send(all.toByteArray(), messages.get(0).text());
    for (Optional<ByteBuffer> next = receiveNow(); next.isPresent(); next = receiveNow()) {
      for (Answer answer : answers.values()) {
        answer.take(next.get().duplicate().order(ByteOrder.LITTLE_ENDIAN));
      }
    }
    answers.values().forEach(Answer::refuse);
  }

  /** What has come already: of a transaction, every refusal has. */
  private Optional<ByteBuffer> receiveNow() {
    try {
      return Optional.of(receive(name, MSG_DONTWAIT));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EAGAIN)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private Answer answer(NetlinkMessage message, int flags) {
    Answer answer = new Answer(send(message, flags), message.text());
    while (!answer.complete) {
      answer.take(receive(message.text(), 0));
    }
    answer.refuse();
    return answer;
  }

  private int send(NetlinkMessage message, int flags) {
    int number = ++sequence;
    send(message.encoded(flags, number), message.text());
    return number;
  }

  private void send(byte[] bytes, String asked) {
    try (NativeMemory memory = NativeMemory.of(bytes)) {
      Sys.SENDTO.on(asked, fd.number(), memory.address(), bytes.length, 0, 0, 0);
    }
  }

  private ByteBuffer receive(String asked, int flags) {
    try (NativeMemory memory = NativeMemory.of(BUFFER)) {
      int count =
          (int)
              Sys.RECVFROM.on(
                  asked, fd.number(), memory.address(), BUFFER, MSG_TRUNC | flags, 0, 0);
      if (count > BUFFER) {
        throw new ErrnoException("recvfrom", Errno.EMSGSIZE, asked);
      }
      return ByteBuffer.wrap(memory.getBytes(0, count)).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** What comes until the message that is the last one. */
  private static final class Answer {
    private final int sequence;
    private final String asked;
    private final List<ByteBuffer> payloads = new ArrayList<>();
    private boolean complete;

    /** What is listed changed meanwhile, so that the list may be neither old nor new. */
    private boolean changed;

    private int errno;
    private String words = "";

    Answer(int sequence, String asked) {
      this.sequence = sequence;
      this.asked = asked;
    }

    void take(ByteBuffer bytes) {
      while (bytes.remaining() >= NetlinkMessage.HEADER) {
        int start = bytes.position();
        int length = bytes.getInt(start);
        if (length < NetlinkMessage.HEADER || length > bytes.remaining()) {
          throw new ErrnoException("recvfrom", Errno.EBADMSG, asked);
        }
        if (bytes.getInt(start + 8) == sequence) {
          take(
              Short.toUnsignedInt(bytes.getShort(start + 4)),
              Short.toUnsignedInt(bytes.getShort(start + 6)),
              bytes
                  .slice(start + NetlinkMessage.HEADER, length - NetlinkMessage.HEADER)
                  .order(ByteOrder.LITTLE_ENDIAN));
        }
        bytes.position(Math.min(bytes.limit(), start + ((length + 3) & ~3)));
      }
    }

    private void take(int type, int flags, ByteBuffer payload) {
      changed |= (flags & NLM_F_DUMP_INTR) != 0;
      if (type != NLMSG_ERROR && type != NLMSG_DONE) {
        payloads.add(payload);
        return;
      }
      complete = true;
      errno = payload.remaining() >= Integer.BYTES ? -payload.getInt(0) : 0;
      int from = type == NLMSG_DONE ? Integer.BYTES : ERROR;
      if (errno > 0 && (flags & NLM_F_ACK_TLVS) != 0 && payload.remaining() > from) {
        words =
            Attributes.of(payload.slice(from, payload.remaining() - from))
                .text(NLMSGERR_ATTR_MSG)
                .map(said -> ": " + said)
                .orElse("");
      }
    }

    void refuse() {
      if (errno > 0) {
        throw new ErrnoException("netlink", errno, asked + words);
      }
    }
  }

  /** The descriptor, still owned by this socket. */
  public Fd fd() {
    return fd;
  }

  @Override
  public synchronized void close() {
    fd.close();
  }
}
