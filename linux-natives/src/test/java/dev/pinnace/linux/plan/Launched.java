package dev.pinnace.linux.plan;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A launcher that runs a plan, and the first client's end of its socket. Ends the supervisor when
 * closed.
 */
final class Launched implements AutoCloseable {
  static final int ERROR = 0xE0;
  static final int EXITED = 0x93;
  static final int EXIT = 0x96;
  static final int LOG = 0x98;
  static final int STARTED = 0xA1;
  static final int FAILED = 0xA2;
  static final int REACHED = 0xA3;

  private static final int PATIENCE = 10_000;
  private static final int SIGKILL = 9;

  private final Path directory;
  private final UnixSocket socket;
  private final Epoll epoll = new Epoll();
  private final Pipe lifeline = Pipe.open();
  private final List<Fd> received = new ArrayList<>();
  private final List<Frame> pending = new ArrayList<>();
  private final Optional<Fd> supervisor;

  /** What a frame says; type 0 is the end of the connection. */
  record Frame(int type, int id, ByteBuffer payload, List<Fd> descriptors) {
    int word(int index) {
      return payload.getInt(4 * index);
    }
  }

  /** A frame of the log. */
  record LogFrame(int stream, int flags, String data) {}

  private Launched(
      Path directory, byte[] plan, Optional<UnixSocket> listening, Optional<Path> cgroups) {
    this.directory = directory;
    UnixSocket.Pair pair = UnixSocket.pair();
    this.socket = pair.left();
    epoll.add(socket.fd(), 0);
    try (Launcher launcher = Launcher.load();
        UnixSocket theirs = pair.right();
        Fd planFile = Memfd.sealed("plan", plan);
        Fd lock = Memfd.create("lock");
        Dir logs = Dir.open(Files.createDirectories(directory.resolve("logs")));
        Dir record = Dir.open(directory);
        Dir parent = Dir.open(cgroups.orElse(directory))) {
      SortedMap<Integer, Fd> descriptors = new TreeMap<>();
      descriptors.put(3, planFile);
      descriptors.put(4, theirs.fd());
      listening.ifPresent(l -> descriptors.put(5, l.fd()));
      descriptors.put(6, lifeline.readEnd());
      descriptors.put(7, lock);
      descriptors.put(8, logs.fd());
      descriptors.put(9, record.fd());
      cgroups.ifPresent(path -> descriptors.put(12, parent.fd()));
      try (Pidfd spawned = launcher.start(descriptors)) {
        awaitEnd(spawned);
        spawned.reap();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    lifeline.readEnd().close();
    this.supervisor = askForSupervisor();
  }

  /** Waits until the process has ended. */
  static void awaitEnd(Pidfd process) {
    try (Epoll ended = new Epoll()) {
      ended.add(process.fd(), 0);
      if (ended.await(PATIENCE).isEmpty()) {
        throw new AssertionError(process.fd() + " does not end");
      }
    }
  }

  /** Runs a plan as the launcher of this build would have it. */
  static Launched of(Path directory, LaunchPlan plan) {
    return new Launched(directory, encode(plan), Optional.empty(), Optional.empty());
  }

  /** Runs a plan whose container has a cgroup below {@code cgroups}. */
  static Launched below(Path cgroups, Path directory, LaunchPlan plan) {
    return new Launched(directory, encode(plan), Optional.empty(), Optional.of(cgroups));
  }

  /** Runs a plan whose supervisor also serves other clients. */
  static Launched listening(Path directory, LaunchPlan plan, UnixSocket listening) {
    return new Launched(directory, encode(plan), Optional.of(listening), Optional.empty());
  }

  /** Gives the launcher any bytes as a plan. */
  static Launched ofBytes(Path directory, byte[] plan) {
    return new Launched(directory, plan, Optional.empty(), Optional.empty());
  }

  static byte[] encode(LaunchPlan plan) {
    try (Launcher launcher = Launcher.load()) {
      return plan.encode(launcher.buildId());
    }
  }

  private Optional<Fd> askForSupervisor() {
    try {
      send(7, 0x7FFF_FFFF);
    } catch (ErrnoException gone) {
      return Optional.empty();
    }
    List<Frame> earlier = new ArrayList<>();
    Frame frame = next();
    while (frame.type() != 0 && frame.type() != 0x87) {
      earlier.add(frame);
      frame = next();
    }
    pending.addAll(earlier);
    if (frame.type() == 0) {
      pending.add(frame);
      return Optional.empty();
    }
    return Optional.of(frame.descriptors().get(0));
  }

  /** Sends a request of four-byte words. */
  void send(int type, int id, int... words) {
    send(socket, type, id, words);
  }

  static void send(UnixSocket to, int type, int id, int... words) {
    to.send(bytes(type, id, words));
  }

  void exec(int id, Fd plan, Fd input, Fd output, Fd error) {
    socket.send(bytes(3, id, 0), plan, input, output, error);
  }

  /** Sends any bytes. */
  void sendBytes(byte[] frame, Fd... descriptors) {
    socket.send(frame, descriptors);
  }

  static byte[] bytes(int type, int id, int... words) {
    ByteBuffer out =
        ByteBuffer.allocate(8 + 4 * words.length).order(ByteOrder.LITTLE_ENDIAN).putInt(type);
    out.putInt(id);
    for (int word : words) {
      out.putInt(word);
    }
    return out.array();
  }

  /** The next frame, of which type 0 means the end. */
  Frame next() {
    if (!pending.isEmpty()) {
      return pending.remove(0);
    }
    return next(socket, epoll);
  }

  /** The next frame of another client. */
  static Frame next(UnixSocket socket) {
    try (Epoll epoll = new Epoll()) {
      epoll.add(socket.fd(), 0);
      return read(socket, epoll);
    }
  }

  private Frame next(UnixSocket from, Epoll readiness) {
    Frame frame = read(from, readiness);
    received.addAll(frame.descriptors());
    return frame;
  }

  private static Frame read(UnixSocket socket, Epoll epoll) {
    try {
      Optional<UnixSocket.Message> message = socket.receive();
      if (message.isEmpty()) {
        if (epoll.await(PATIENCE).isEmpty()) {
          throw new AssertionError("the supervisor says nothing");
        }
        message = socket.receive();
      }
      UnixSocket.Message got = message.orElseThrow();
      ByteBuffer content = got.content();
      ByteBuffer payload = content.position(8).slice().order(ByteOrder.LITTLE_ENDIAN);
      return new Frame(content.getInt(0), content.getInt(4), payload, got.descriptors());
    } catch (ErrnoException end) {
      if (!end.is(Errno.ECONNRESET)) {
        throw end;
      }
      return new Frame(0, 0, ByteBuffer.allocate(0), List.of());
    }
  }

  /** Skips to the first frame of that type. */
  Frame await(int type) {
    Frame frame = next();
    while (frame.type() != type) {
      if (frame.type() == 0) {
        throw new AssertionError("the supervisor ended before " + Integer.toHexString(type));
      }
      frame = next();
    }
    return frame;
  }

  /** Waits for the supervisor's end, and reads the record. */
  ExitBytes end() throws IOException {
    while (next().type() != 0) {
      // what comes before is of no interest
    }
    return ExitBytes.of(Files.readAllBytes(directory.resolve("exit")));
  }

  /** The record's fields at their offsets. */
  record ExitBytes(ByteBuffer at, boolean isWhole) {
    static ExitBytes of(byte[] bytes) {
      ByteBuffer at = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      boolean whole = bytes.length == 96 && at.getLong(88) == Checksum.of(bytes, 0, 88);
      return new ExitBytes(at, whole);
    }

    int flags() {
      return at.getShort(6);
    }

    int code() {
      return at.getInt(24);
    }

    int signal() {
      return at.getInt(28);
    }

    int restarts() {
      return at.getInt(32);
    }

    long dropped() {
      return at.getLong(48);
    }

    long written() {
      return at.getLong(72);
    }
  }

  List<LogFrame> log(String name) throws IOException {
    ByteBuffer in =
        ByteBuffer.wrap(Files.readAllBytes(directory.resolve("logs").resolve(name)))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<LogFrame> frames = new ArrayList<>();
    while (in.hasRemaining()) {
      int length = in.getInt();
      int stream = in.get();
      int flags = in.get();
      in.getShort();
      in.getLong();
      byte[] data = new byte[length];
      in.get(data);
      if (in.getInt() != length) {
        throw new AssertionError("a frame's two lengths differ");
      }
      frames.add(new LogFrame(stream, flags, new String(data, StandardCharsets.UTF_8)));
    }
    return frames;
  }

  /** What the container wrote to a stream. */
  String output(int stream) throws IOException {
    StringBuilder text = new StringBuilder();
    log("log").stream().filter(f -> f.stream() == stream).forEach(f -> text.append(f.data()));
    return text.toString();
  }

  /** Gives the container time; also an end of the connection ends it. */
  void sleep(int millis) {
    epoll.await(millis);
  }

  /** Lets the lifeline end. */
  void endLifeline() {
    lifeline.writeEnd().close();
  }

  /** The supervisor's own pidfd, while it is there. */
  Optional<Fd> supervisor() {
    return supervisor;
  }

  @Override
  public void close() {
    supervisor.ifPresent(
        fd -> {
          try (Pidfd process = new Pidfd(fd)) {
            if (process.isAlive()) {
              send(5, 1, SIGKILL, 0);
              awaitEnd(process);
            }
          } catch (ErrnoException gone) {
            if (!gone.is(Errno.EPIPE, Errno.ECONNRESET)) {
              throw gone;
            }
          }
        });
    received.forEach(Fd::close);
    lifeline.close();
    epoll.close();
    socket.close();
  }
}
