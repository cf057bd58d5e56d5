package dev.pinnace.linux.net;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;

/**
 * A SOCK_SEQPACKET unix socket whose messages carry descriptors (unix(7), SCM_RIGHTS). Sends and
 * receives do not block. Thread-safe as far as the kernel is: messages of several threads do not
 * mix.
 */
public final class UnixSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SEQPACKET = 5;
  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int SO_PEERCRED = 17;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int MSG_CTRUNC = 0x8;
  private static final int MSG_TRUNC = 0x20;
  private static final int MAX_PATH = 107;
  private static final int MAX_MESSAGE = 4096;
  private static final int MAX_DESCRIPTORS = 8;

  /** Sizes of struct msghdr, iovec, cmsghdr, and offsets in them. */
  private static final int MSGHDR = 56;

  private static final int IOVEC = 16;
  private static final int CMSGHDR = 16;
  private static final int MSG_IOV = 16;
  private static final int MSG_IOVLEN = 24;
  private static final int MSG_CONTROL = 32;
  private static final int MSG_CONTROLLEN = 40;
  private static final int MSG_FLAGS = 48;
  private static final int IOV_BASE = 0;
  private static final int IOV_LEN = 8;
  private static final int CMSG_LEN = 0;
  private static final int CMSG_LEVEL = 8;
  private static final int CMSG_TYPE = 12;

  private final Fd fd;

  /** A number that is being sent on must not be closed, and be another file's, in between. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private UnixSocket(Fd fd) {
    this.fd = fd;
  }

  /**
   * A message.
   *
   * @param content its bytes, little-endian
   * @param descriptors what came with it; the receiver owns them
   */
  public record Message(ByteBuffer content, List<Fd> descriptors) {}

  /** Two connected sockets. */
  public record Pair(UnixSocket left, UnixSocket right) {}

  /** Makes two connected sockets. */
  public static Pair pair() {
    try (NativeMemory numbers = NativeMemory.of(8)) {
      Sys.SOCKETPAIR.on("AF_UNIX", AF_UNIX, SEQPACKET | CLOEXEC | NONBLOCK, 0, numbers.address());
      return new Pair(
          new UnixSocket(new Fd(numbers.getInt(0), "socketpair")),
          new UnixSocket(new Fd(numbers.getInt(4), "socketpair")));
    }
  }

  /** Listens at {@code path}, which must not exist; the name goes away by unlink only. */
  public static UnixSocket listen(String path) {
    try (NativeMemory address = address(path)) {
      UnixSocket socket = open(path);
      try {
        Sys.BIND.on(path, socket.fd.number(), address.address(), address.size());
        Sys.LISTEN.on(path, socket.fd.number(), 64);
        return socket;
      } catch (ErrnoException refusal) {
        socket.close();
        throw refusal;
      }
    }
  }

  /** Connects to the socket at {@code path}; ECONNREFUSED when nobody listens. */
  public static UnixSocket connect(String path) {
    try (NativeMemory address = address(path)) {
      UnixSocket socket = open(path);
      try {
        Sys.CONNECT.on(path, socket.fd.number(), address.address(), address.size());
        return socket;
      } catch (ErrnoException refusal) {
        socket.close();
        throw refusal;
      }
    }
  }

  private static UnixSocket open(String path) {
    int number = (int) Sys.SOCKET.on("AF_UNIX", AF_UNIX, SEQPACKET | CLOEXEC | NONBLOCK, 0);
    return new UnixSocket(new Fd(number, "socket " + path));
  }

  private static NativeMemory address(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_PATH) {
      throw new IllegalArgumentException(
          "a socket's path has at most " + MAX_PATH + " bytes: " + path);
    }
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a socket's path is not empty and has no NUL");
    }
    NativeMemory address = NativeMemory.of(2 + bytes.length + 1L);
    return address.putShort(0, (short) AF_UNIX).putBytes(2, bytes, 0, bytes.length);
  }

  /** The descriptor, still owned by this socket. */
  public Fd fd() {
    return fd;
  }

  /** The user at the other end (SO_PEERCRED). */
  public int peerUid() {
    try (NativeMemory credentials = NativeMemory.of(12);
        NativeMemory length = NativeMemory.of(4)) {
      length.putInt(0, 12);
      Sys.GETSOCKOPT.on(
          fd.toString(),
          fd.number(),
          SOL_SOCKET,
          SO_PEERCRED,
          credentials.address(),
          length.address());
      return credentials.getInt(4);
    }
  }

  /**
   * Sends one message with copies of {@code descriptors}; EAGAIN when the other end does not read.
   */
  public void send(byte[] bytes, Fd... descriptors) {
    if (descriptors.length > MAX_DESCRIPTORS) {
      throw new IllegalArgumentException("at most " + MAX_DESCRIPTORS + " descriptors a message");
    }
    int control = descriptors.length == 0 ? 0 : align(CMSGHDR + 4 * descriptors.length);
    try (NativeMemory content = NativeMemory.of(bytes);
        NativeMemory head = NativeMemory.of(MSGHDR + IOVEC + control)) {
      describe(head, content, bytes.length, control);
      if (control > 0) {
        long at = MSGHDR + IOVEC;
        head.putLong(at + CMSG_LEN, CMSGHDR + 4L * descriptors.length)
            .putInt(at + CMSG_LEVEL, SOL_SOCKET)
            .putInt(at + CMSG_TYPE, SCM_RIGHTS);
        for (int i = 0; i < descriptors.length; i++) {
          head.putInt(at + CMSGHDR + 4L * i, descriptors[i].number());
        }
      }
      using(() -> Sys.SENDMSG.on(fd.toString(), fd.number(), head.address(), MSG_NOSIGNAL));
    }
  }

  /**
   * Receives one message: empty when there is none now.
   *
   * @throws ErrnoException ECONNRESET when the other end is gone; EMSGSIZE for a message of more
   *     than 4096 bytes and EMFILE for one whose descriptors found no room, both of which are lost
   */
  public Optional<Message> receive() {
    int control = align(CMSGHDR + 4 * MAX_DESCRIPTORS);
    try (NativeMemory content = NativeMemory.of(MAX_MESSAGE);
        NativeMemory head = NativeMemory.of(MSGHDR + IOVEC + control)) {
      describe(head, content, MAX_MESSAGE, control);
      int count =
          (int)
              using(
                  () ->
                      Sys.RECVMSG.on(fd.toString(), fd.number(), head.address(), MSG_CMSG_CLOEXEC));
      if (count == 0) {
        throw new ErrnoException("recvmsg", Errno.ECONNRESET, fd.toString());
      }
      List<Fd> descriptors = descriptors(head);
      int flags = head.getInt(MSG_FLAGS);
      if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        descriptors.forEach(Fd::close);
        throw new ErrnoException(
            "recvmsg", (flags & MSG_TRUNC) != 0 ? Errno.EMSGSIZE : Errno.EMFILE, fd.toString());
      }
      ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(0, count)).order(ByteOrder.LITTLE_ENDIAN);
      return Optional.of(new Message(bytes, descriptors));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EAGAIN)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private static void describe(NativeMemory head, NativeMemory content, long length, int control) {
    head.putLong(MSG_IOV, head.address(MSGHDR)).putLong(MSG_IOVLEN, 1);
    head.putLong(MSGHDR + IOV_BASE, content.address()).putLong(MSGHDR + IOV_LEN, length);
    if (control > 0) {
      head.putLong(MSG_CONTROL, head.address(MSGHDR + IOVEC)).putLong(MSG_CONTROLLEN, control);
    }
  }

  private static List<Fd> descriptors(NativeMemory head) {
    List<Fd> received = new ArrayList<>();
    long at = MSGHDR + IOVEC;
    if (head.getLong(MSG_CONTROLLEN) >= CMSGHDR && head.getInt(at + CMSG_TYPE) == SCM_RIGHTS) {
      int count = (int) (head.getLong(at + CMSG_LEN) - CMSGHDR) / 4;
      for (int i = 0; i < count; i++) {
        received.add(new Fd(head.getInt(at + CMSGHDR + 4L * i), "received"));
      }
    }
    return received;
  }

  private long using(LongSupplier call) {
    use.readLock().lock();
    try {
      return call.getAsLong();
    } finally {
      use.readLock().unlock();
    }
  }

  private static int align(int length) {
    return (length + 7) & ~7;
  }

  /** Closes the socket, after calls of other threads that are under way. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      fd.close();
    } finally {
      use.writeLock().unlock();
    }
  }
}
