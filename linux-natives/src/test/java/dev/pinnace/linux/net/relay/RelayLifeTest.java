package dev.pinnace.linux.net.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.net.InternetSocket;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When a relay begins and ends, and what it refuses. */
class RelayLifeTest extends RelayFixture {
  private static final int SIGKILL = 9;
  private static final int SOCK_STREAM = 1;
  private static final int AF_INET = 2;

  private static void awaitEnd(Pidfd process) {
    try (Epoll ended = new Epoll()) {
      ended.add(process.fd(), 0);
      assertThat(ended.await(60_000)).as("the relay has ended").isNotEmpty();
    }
  }

  private static boolean isAlive(Pidfd process) {
    try (Epoll ended = new Epoll()) {
      ended.add(process.fd(), 0);
      return ended.await(200).isEmpty();
    }
  }

  /** Processes in that network namespace, the test's own JVM left out. */
  private static List<Path> processesIn(String namespace) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of("/proc"))) {
      for (Path process : (Iterable<Path>) all::iterator) {
        Path net = process.resolve("ns/net");
        try {
          if (Files.readSymbolicLink(net).toString().equals(namespace)) {
            found.add(process);
          }
        } catch (IOException noProcess) {
          // /proc lists more than processes, and some end meanwhile
        }
      }
    }
    return found;
  }

  private static String name(Fd namespace) {
    try {
      return Files.readSymbolicLink(Path.of(namespace.procPath())).toString();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void assertGone(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ErrnoException.class,
            e -> assertThat(e.is(Errno.EPIPE, Errno.ECONNRESET)).as(e.getMessage()).isTrue());
  }

  private static void assertErrno(int errno, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void namespace_isTheOneThatItWasGiven_andItsChildIsThere() throws IOException {
    try (Fd copy = client.networkNamespace()) {
      assertThat(name(copy)).isEqualTo(name(router));
    }
    assertThat(client.userNamespace()).isEmpty();
    assertThat(processesIn(name(router))).hasSize(1);
    assertThat(name(client.socket(AF_INET, SOCK_STREAM, 0))).startsWith("socket:");
    assertErrno(Errno.EAFNOSUPPORT, () -> client.socket(99, SOCK_STREAM, 0));
  }

  @Test
  void withoutANamespace_itMakesOne() {
    Relay.Given given = given("own", Optional.empty(), Optional.empty());
    try (Relay own = Relay.start(launcher, given);
        Fd net = own.client().networkNamespace()) {
      assertThat(name(net)).startsWith("net:").isNotEqualTo(name(router));
    }
  }

  @Test
  void userNamespace_ofAnother_isEnteredFirst() throws Exception {
    Process holder =
        new ProcessBuilder("unshare", "--user", "--map-root-user", "--net", "sleep", "600").start();
    String own = Files.readSymbolicLink(Path.of("/proc/self/ns/user")).toString();
    eventually(() -> commandOf(holder).startsWith("sleep"));
    try (Fd user = namespace(holder, "user");
        Fd net = namespace(holder, "net")) {
      assertThat(name(user)).isNotEqualTo(own);
      for (Optional<Fd> given : List.of(Optional.of(net), Optional.<Fd>empty())) {
        Relay.Given what = given("door" + given.isPresent(), given, Optional.of(user));
        try (Relay relay = Relay.start(launcher, what);
            Fd copy = relay.client().userNamespace().orElseThrow()) {
          assertThat(name(copy)).isEqualTo(name(user));
          relay.client().socket(AF_INET, SOCK_STREAM, 0).close();
        }
      }
    } finally {
      holder.destroyForcibly();
    }
  }

  private static Fd namespace(Process process, String kind) {
    String path = "/proc/" + process.pid() + "/ns/" + kind;
    try (NativeMemory name = NativeMemory.ofString(path)) {
      return new Fd((int) Sys.OPENAT.on(path, -100, name.address(), 0x80000), path);
    }
  }

  private static String commandOf(Process process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void start_withWhatIsNoNamespace_saysSo_andLeavesNothing() {
    try (Pipe pipe = Pipe.open()) {
      Optional<Fd> wrong = Optional.of(pipe.readEnd());
      assertThatThrownBy(() -> Relay.start(launcher, given("1", wrong, Optional.empty())))
          .hasMessageContaining("setns(the router's network namespace): EINVAL");
      assertThatThrownBy(() -> Relay.start(launcher, given("2", Optional.of(router), wrong)))
          .hasMessageContaining("setns(the router's user namespace): EINVAL");
    }
  }

  @Test
  void endOfTheFirstClient_endsIt() throws IOException {
    client.close();
    awaitEnd(relay.process());
    eventually(() -> isEmpty(router));
    assertErrno(Errno.ECONNREFUSED, () -> RelayClient.connect(path()).close());
  }

  private static boolean isEmpty(Fd namespace) {
    try {
      return processesIn(name(namespace)).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void secondClient_holdsItIfItSaysSo() {
    try (RelayClient second = RelayClient.connect(path());
        RelayClient idle = RelayClient.connect(path())) {
      second.hold();
      client.close();
      assertThat(idle.state().flows()).isZero();
      assertThat(isAlive(relay.process())).isTrue();
      second.close();
      awaitEnd(relay.process());
      assertGone(idle::state);
    }
  }

  @Test
  void process_holdsItUntilItsEnd() {
    client.hold(owner);
    assertThat(client.state().holders()).isEqualTo(1);
    client.close();
    assertThat(isAlive(relay.process())).isTrue();
    ownerProcess.destroyForcibly();
    awaitEnd(relay.process());
    eventually(() -> isEmpty(router));
  }

  @Test
  void holder_thatIsNoProcess_orHasEnded_isRefused() throws Exception {
    try (Pipe pipe = Pipe.open();
        Pidfd none = new Pidfd(pipe.readEnd())) {
      assertErrno(Errno.EBADF, () -> client.hold(none));
    }
    ownerProcess.destroyForcibly().waitFor();
    assertErrno(Errno.ESRCH, () -> client.hold(owner));
    try (Fd host = InternetSocket.listen(new InetSocketAddress(HERE, 0))) {
      assertErrno(Errno.ESRCH, () -> client.publish(host, Optional.empty(), owner));
    }
    assertThat(client.state().holders() + client.state().listeners()).isZero();
  }

  @Test
  void kill_endsEverythingInTheNamespace() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    var near = dial(port);
    keep(server.accept());
    relay.process().signal(SIGKILL);
    awaitEnd(relay.process());
    assertThat(near.read(java.nio.ByteBuffer.allocate(1))).isEqualTo(-1);
    eventually(() -> isEmpty(router));
    assertThatThrownBy(() -> dial(port)).hasMessageContaining("refused");
    assertGone(client::state);
  }

  @Test
  void killOfTheChild_endsTheRelay() throws IOException {
    Path child = processesIn(name(router)).get(0);
    try (Pidfd inner = Pidfd.open(Integer.parseInt(child.getFileName().toString()))) {
      inner.signal(SIGKILL);
      awaitEnd(relay.process());
    }
  }

  @Test
  void process_isAsAFreshOne_withDescriptorsToTheHardLimit() throws IOException {
    int pid = relay.process().pid().orElseThrow();
    Path proc = Path.of("/proc/" + pid);
    assertThat(proc.resolve("cwd").toRealPath()).isEqualTo(Path.of("/"));
    assertThat(Files.readString(proc.resolve("comm")).strip()).isEqualTo("pinnace-relay");
    List<String> status = Files.readAllLines(proc.resolve("status"));
    assertThat(status).contains("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
    assertThat(Files.readAllLines(proc.resolve("limits")))
        .filteredOn(line -> line.startsWith("Max open files"))
        .singleElement()
        .satisfies(
            line -> {
              String[] words = line.split("\\s+", -1);
              assertThat(words[3]).isEqualTo(words[4]);
            });
    try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
      assertThat(open.filter(fd -> Integer.parseInt(fd.getFileName().toString()) > 2))
          .as("door, first client, child, epoll, pidfd, namespace")
          .hasSize(6);
    }
  }

  @Test
  void request_thatIsUnknownOrMalformed_isRefused_andTheConnectionGoesOn() {
    assertErrno(Errno.ENOSYS, () -> client.request("it", 77, new byte[0]));
    assertErrno(Errno.ENOSYS, () -> client.request("it", 0, new byte[0]));
    for (int type = 1; type <= 9; type++) {
      int bad = type;
      assertErrno(Errno.EINVAL, () -> client.request("it", bad, new byte[7]));
    }
    assertErrno(Errno.E2BIG, () -> client.request("it", 1, new byte[600]));
    assertErrno(Errno.E2BIG, () -> client.request("it", 1, new byte[1100]));
    try (Pipe pipe = Pipe.open()) {
      Fd end = pipe.readEnd();
      assertErrno(Errno.EINVAL, () -> client.request("it", RelayFrame.STATE, new byte[0], end));
      assertErrno(Errno.EINVAL, () -> client.request("it", RelayFrame.HOLD, new byte[0], end, end));
      byte[] none = RelayFrame.words(RelayFrame.Place.NONE, 0);
      assertErrno(Errno.EINVAL, () -> client.request("it", RelayFrame.PUBLISH, none, end));
      assertErrno(Errno.ENOTSOCK, () -> client.publish(end, Optional.empty(), owner));
      assertThat(client.state().listeners()).isZero();
      pipe.writeEnd().close();
      assertThat(end.read(new byte[1], 0, 1)).isZero();
    }
  }

  @Test
  void request_shorterThanAHead_endsTheConnection() {
    try (UnixSocket raw = UnixSocket.connect(path());
        Pipe pipe = Pipe.open();
        Epoll epoll = new Epoll()) {
      epoll.add(raw.fd(), 0);
      raw.send(new byte[3], pipe.writeEnd());
      assertThat(epoll.await(60_000)).isNotEmpty();
      assertErrno(Errno.ECONNRESET, raw::receive);
      pipe.writeEnd().close();
      assertThat(pipe.readEnd().read(new byte[1], 0, 1)).as("no writer is left").isZero();
    }
    assertThat(client.state().flows()).isZero();
  }

  @Test
  void client_thatDoesNotRead_isDisconnected() {
    try (UnixSocket raw = UnixSocket.connect(path())) {
      byte[] state = RelayFrame.encode(RelayFrame.STATE, 1, new byte[0]);
      eventually(
          () -> {
            try {
              for (int i = 0; i < 100; i++) {
                raw.send(state);
              }
              return false;
            } catch (ErrnoException refusal) {
              return refusal.is(Errno.EPIPE);
            }
          });
    }
    assertThat(client.state().flows()).isZero();
  }

  @Test
  void publish_ofWhatIsNothingOfTheKind_isRefused() {
    try (Fd unbound = client.socket(AF_INET, SOCK_STREAM, 0)) {
      assertErrno(Errno.EINVAL, () -> client.publish(unbound, Optional.empty(), owner));
    }
    UnixSocket.Pair unix = UnixSocket.pair();
    keep(unix.left());
    keep(unix.right());
    assertErrno(
        Errno.EAFNOSUPPORT, () -> client.publish(unix.left().fd(), Optional.empty(), owner));
    try (Fd raw = client.socket(AF_INET, 3, 1)) {
      assertErrno(Errno.EPROTOTYPE, () -> client.publish(raw, Optional.empty(), owner));
    }
    assertErrno(Errno.ESRCH, () -> client.unpublish(new Publication(12345)));
    assertErrno(
        Errno.ESRCH, () -> client.retarget(new Publication(12345), Optional.empty(), false));
  }

  @Test
  void clients_beyondTheLimit_areTurnedAway() {
    List<RelayClient> clients = new ArrayList<>();
    for (int i = 1; i < 64; i++) {
      clients.add(keep(RelayClient.connect(path())));
    }
    for (int i = 0; i < 50; i++) { // before its first request is sent, and after
      assertErrno(Errno.EUSERS, () -> RelayClient.connect(path()).close());
    }
    clients.get(0).close();
    eventually(
        () -> {
          try {
            keep(RelayClient.connect(path()));
            return true;
          } catch (ErrnoException full) {
            return false;
          }
        });
  }

  @Test
  void holdersAndPublications_beyondTheLimits_areRefused() {
    for (int i = 0; i < 1024; i++) {
      client.hold(owner);
    }
    assertErrno(Errno.EAGAIN, () -> client.hold(owner));
    for (int i = 0; i < 512; i++) {
      try (Fd host = InternetSocket.bind(new InetSocketAddress(HERE, 0))) {
        client.publish(host, Optional.empty(), owner);
      }
    }
    try (Fd host = InternetSocket.bind(new InetSocketAddress(HERE, 0))) {
      assertErrno(Errno.EAGAIN, () -> client.publish(host, Optional.empty(), owner));
    }
    ownerProcess.destroyForcibly();
    eventually(() -> client.state().listeners() == 0 && client.state().holders() == 0);
  }

  @Test
  void connections_beyondTheLimit_waitInTheBacklog() throws IOException {
    ServerSocketChannel server = server(CONTAINER);
    int port = publish(server);
    int most = client.state().mostFlows();
    List<java.nio.channels.SocketChannel> near = new ArrayList<>();
    List<java.nio.channels.SocketChannel> far = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      near.add(dial(port));
      far.add(keep(server.accept()));
    }
    var late = dial(port);
    late.write(java.nio.ByteBuffer.wrap(new byte[] {42}));
    server.configureBlocking(false);
    assertThat(isAlive(relay.process())).isTrue();
    assertThat(server.accept()).as("the late one waits").isNull();
    assertThat(client.state().flows()).isEqualTo(most);
    near.get(0).close();
    far.get(0).close();
    server.configureBlocking(true);
    var lateFar = keep(server.accept());
    var got = java.nio.ByteBuffer.allocate(1);
    assertThat(lateFar.read(got)).isEqualTo(1);
    assertThat(got.get(0)).isEqualTo((byte) 42);
  }
}
