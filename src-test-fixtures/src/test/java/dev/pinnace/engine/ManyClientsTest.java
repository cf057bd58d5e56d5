package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.ContainerStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A container with many clients is alive, whatever a further one is told. */
class ManyClientsTest extends EngineFixture {
  /** Beside the engine that started it. */
  private static final int MOST = 127;

  private static List<UnixSocket> connect(ContainerId id) {
    Path run = runDirectory().resolve(key()).resolve(id.hex());
    List<UnixSocket> clients = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      clients.add(connect(run));
    }
    return clients;
  }

  private static UnixSocket connect(Path run) {
    try (Dir directory = Dir.open(run)) {
      while (true) {
        try {
          return UnixSocket.connect(directory.path() + "/sock");
        } catch (ErrnoException refusal) {
          // EAGAIN: the queue is full of those that were not let in yet.
          if (!refusal.is(Errno.EAGAIN)) {
            throw refusal;
          }
          Thread.onSpinWait();
        }
      }
    }
  }

  private static String key() {
    try {
      return Cgroups.base(root()).getFileName().toString();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void beyondTheLast_isAConflict_neverTheEnd() {
    Container container = ready(engine.containers().start(waiting()));
    List<UnixSocket> clients = connect(container.id());
    try (Pinnace other = engine()) {
      Container same = other.containers().get(container.id().hex());
      assertRefused(same::inspect);
      assertListed(other, same);
      assertRefused(() -> same.stop(Duration.ofSeconds(1)));
      assertRefused(() -> same.await(Duration.ofSeconds(1)));
      assertThat(container.inspect().status()).isEqualTo(ContainerStatus.RUNNING);

      clients.forEach(UnixSocket::close);
      assertThat(same.inspect().status()).isEqualTo(ContainerStatus.RUNNING);
      same.stop(Duration.ofSeconds(5));
      assertThat(same.inspect().exit().orElseThrow().code()).isZero();
    } finally {
      clients.forEach(UnixSocket::close);
    }
  }

  /** Among others, which it hides no more than one that is damaged. */
  private static void assertListed(Pinnace engine, Container unreachable) {
    Container another = engine.containers().create(waiting());
    assertThat(engine.containers().list(ContainerFilter.all()))
        .extracting(ContainerState::id, ContainerState::status)
        .containsExactly(
            tuple(another.id(), ContainerStatus.CREATED),
            tuple(unreachable.id(), ContainerStatus.RUNNING));
    assertThat(engine.containers().prune(ContainerFilter.all()).containers())
        .containsExactly(another.id());
  }

  private static void assertRefused(Runnable question) {
    assertThatThrownBy(question::run)
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("runs, but cannot be reached")
        .hasMessageContaining("as many connections as it can serve");
  }

  @Test
  void list_keepsNoConnection() throws Exception {
    Container container = ready(engine.containers().start(waiting()));
    int supervisor = Processes.supervisors(root()).get(0);
    int before = sockets(supervisor);
    try (Pinnace other = engine()) {
      for (int i = 0; i < 3; i++) {
        assertThat(other.containers().list(ContainerFilter.all())).hasSize(1);
        assertThat(other.containers().get(container.id().hex()).inspect().status())
            .isEqualTo(ContainerStatus.RUNNING);
      }
      eventually(() -> sockets(supervisor) == before);
    }
  }

  private static int sockets(int pid) {
    try {
      int count = 0;
      for (Path fd : children(Path.of("/proc", pid + "", "fd"))) {
        count += java.nio.file.Files.readSymbolicLink(fd).toString().startsWith("socket:") ? 1 : 0;
      }
      return count;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
