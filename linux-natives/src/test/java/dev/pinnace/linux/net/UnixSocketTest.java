package dev.pinnace.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final UnixSocket.Pair pair = UnixSocket.pair();

  @AfterEach
  void close() {
    pair.left().close();
    pair.right().close();
  }

  private static UnixSocket.Message receive(UnixSocket from) {
    return from.receive().orElseThrow();
  }

  private static byte[] bytes(UnixSocket.Message message) {
    byte[] bytes = new byte[message.content().remaining()];
    message.content().get(bytes);
    return bytes;
  }

  private static void assertErrno(int errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void messages_keepTheirBoundaries_bothWays() {
    pair.left().send(HELLO);
    pair.left().send(new byte[] {1});
    pair.right().send(new byte[] {2});
    assertThat(bytes(receive(pair.right()))).isEqualTo(HELLO);
    assertThat(bytes(receive(pair.right()))).containsExactly(1);
    assertThat(bytes(receive(pair.left()))).containsExactly(2);
    assertThat(pair.right().receive()).isEmpty();
  }

  @Test
  void descriptors_arriveInOrder_asCopies() {
    try (Pipe first = Pipe.open();
        Pipe second = Pipe.open()) {
      for (List<UnixSocket> way :
          List.of(List.of(pair.left(), pair.right()), List.of(pair.right(), pair.left()))) {
        way.get(0).send(HELLO, first.writeEnd(), second.writeEnd());
        List<Fd> received = receive(way.get(1)).descriptors();
        assertThat(received).hasSize(2);
        received.get(1).write(new byte[] {9});
        byte[] read = new byte[1];
        assertThat(second.readEnd().read(read, 0, 1)).isEqualTo(1);
        assertThat(read).containsExactly(9);
        received.forEach(Fd::close);
        assertThat(first.writeEnd().isOpen()).isTrue();
      }
    }
  }

  @Test
  void send_eightDescriptors_andNoMore() {
    try (Pipe pipe = Pipe.open()) {
      Fd[] eight = Stream.generate(pipe::readEnd).limit(8).toArray(Fd[]::new);
      pair.left().send(HELLO, eight);
      List<Fd> received = receive(pair.right()).descriptors();
      assertThat(received).hasSize(8);
      received.forEach(Fd::close);
      Fd[] nine = Stream.generate(pipe::readEnd).limit(9).toArray(Fd[]::new);
      assertThatIllegalArgumentException().isThrownBy(() -> pair.left().send(HELLO, nine));
    }
  }

  @Test
  void send_toWhoDoesNotRead_isEagain() {
    assertErrno(
        Errno.EAGAIN,
        () -> {
          for (int i = 0; i < 100_000; i++) {
            pair.left().send(new byte[1000]);
          }
        });
  }

  @Test
  void receive_fromWhoHasClosed_isEconnreset_afterTheLastMessage() {
    pair.left().send(HELLO);
    pair.left().close();
    assertThat(bytes(receive(pair.right()))).isEqualTo(HELLO);
    assertErrno(Errno.ECONNRESET, () -> pair.right().receive());
    assertErrno(Errno.EPIPE, () -> pair.right().send(HELLO));
  }

  @Test
  void receive_ofATruncatedMessage_isEmsgsize_andClosesItsDescriptors() {
    try (Pipe pipe = Pipe.open()) {
      pair.left().send(new byte[4097], pipe.writeEnd());
      pair.left().send(HELLO);
      assertErrno(Errno.EMSGSIZE, () -> pair.right().receive());
      assertThat(bytes(receive(pair.right()))).isEqualTo(HELLO);
      pipe.writeEnd().close();
      assertThat(pipe.readEnd().read(new byte[1], 0, 1)).as("no writer is left").isZero();
    }
  }

  @Test
  void use_afterClose_isAnError() {
    pair.left().close();
    assertThatIllegalStateException().isThrownBy(() -> pair.left().receive());
    assertThatIllegalStateException().isThrownBy(() -> pair.left().send(HELLO));
  }

  @Test
  void path_tooLong_emptyOrWithNul_isRefused() {
    String longest = "x".repeat(108);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UnixSocket.listen(longest))
        .withMessageContaining("107");
    assertThatIllegalArgumentException().isThrownBy(() -> UnixSocket.connect(""));
    assertThatIllegalArgumentException().isThrownBy(() -> UnixSocket.connect("/a\0b"));
  }

  @Test
  void connect_toAListener_knowsThePeer() {
    String path = directory.resolve("sock").toString();
    assertErrno(Errno.ENOENT, () -> UnixSocket.connect(path).close());
    UnixSocket listening = UnixSocket.listen(path);
    try (UnixSocket client = UnixSocket.connect(path)) {
      assertThat(client.peerUid()).isEqualTo(pair.left().peerUid());
    }
    assertErrno(Errno.EADDRINUSE, () -> UnixSocket.listen(path).close());
    listening.close();
    assertErrno(Errno.ECONNREFUSED, () -> UnixSocket.connect(path).close());
  }
}
