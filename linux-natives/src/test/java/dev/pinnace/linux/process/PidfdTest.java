package dev.pinnace.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.internal.jna.Spawn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PidfdTest {
  private static Process sleep() throws Exception {
    return new ProcessBuilder("sleep", "60").start();
  }

  @Test
  void open_showsTheProcess() throws Exception {
    Process process = sleep();
    try (Pidfd pidfd = Pidfd.open((int) process.pid())) {
      assertThat(pidfd.pid()).hasValue((int) process.pid());
      assertThat(pidfd.isAlive()).isTrue();
      assertThat(pidfd.reap()).as("it runs").isFalse();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void signal_endsIt_andIsReadable() throws Exception {
    Process process = sleep();
    try (Pidfd pidfd = Pidfd.open((int) process.pid());
        Epoll epoll = new Epoll()) {
      epoll.add(pidfd.fd(), 1);
      assertThat(epoll.await(0)).isEmpty();
      assertThat(pidfd.signal(15)).isTrue();
      assertThat(epoll.await(10_000)).extracting(Epoll.Event::key).isEqualTo(List.of(1L));
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(128 + 15);
      assertThat(pidfd.signal(15)).isFalse();
      assertThat(pidfd.isAlive()).isFalse();
      assertThat(pidfd.pid()).isEmpty();
      assertThat(pidfd.reap()).as("the JDK has reaped it").isFalse();
    }
  }

  /** A child that ends when nobody can write into its standard input any more. */
  private static int cat(Pipe input) {
    return Spawn.start("/bin/cat", "cat", new TreeMap<>(Map.of(0, input.readEnd())));
  }

  private static boolean isThere(int pid) {
    return Files.exists(Path.of("/proc/" + pid));
  }

  private static void awaitNoZombie(int pid) throws InterruptedException {
    for (int i = 0; isThere(pid) && i < 1_000; i++) {
      Thread.sleep(10);
    }
    assertThat(isThere(pid)).isFalse();
  }

  @Test
  void reapAtEnd_reapsAChildThatEndsLater_andCloses() throws Exception {
    int pid;
    Pidfd pidfd;
    try (Pipe input = Pipe.open()) {
      pid = cat(input);
      pidfd = Pidfd.open(pid);
      pidfd.reapAtEnd();
      assertThat(pidfd.isAlive()).isTrue();
    }
    awaitNoZombie(pid);
    for (int i = 0; pidfd.fd().isOpen() && i < 1_000; i++) {
      Thread.sleep(10);
    }
    assertThat(pidfd.fd().isOpen()).isFalse();
  }

  @Test
  void reapAtEnd_ofAChildThatWasNotOpened_reapsIt() throws Exception {
    int pid;
    try (Pipe input = Pipe.open()) {
      pid = cat(input);
      Pidfd.reapAtEnd(pid);
      assertThat(isThere(pid)).isTrue();
    }
    awaitNoZombie(pid);
  }

  @Test
  void reapAtEnd_ofWhatIsNoChild_closesAtOnce() {
    Pidfd self = Pidfd.open((int) ProcessHandle.current().pid());
    self.reapAtEnd();
    assertThat(self.fd().isOpen()).isFalse();
    self.reapAtEnd();
  }

  @Test
  void leave_ofAChildThatLives_keepsNothing_andItIsReapedAfterItsEnd() throws Exception {
    int pid;
    try (Pipe input = Pipe.open()) {
      pid = cat(input);
      Pidfd pidfd = Pidfd.open(pid);
      pidfd.leave();
      assertThat(pidfd.fd().isOpen()).isFalse();
      pidfd.leave();
      assertThat(LeftChildren.reap()).isEqualTo(1);
      assertThat(isThere(pid)).isTrue();
    }
    for (int i = 0; LeftChildren.reap() > 0 && i < 1_000; i++) {
      Thread.sleep(10);
    }
    assertThat(isThere(pid)).isFalse();
  }

  @Test
  void leave_ofAChildThatSomebodyElseReaps_leavesNothing() throws Exception {
    try (Pipe input = Pipe.open()) {
      try (Pidfd other = Pidfd.open(cat(input))) {
        Pidfd.open(other.pid().orElseThrow()).leave();
        assertThat(other.signal(9)).isTrue();
        for (int i = 0; !other.reap() && i < 1_000; i++) {
          Thread.sleep(10);
        }
        assertThat(other.isAlive()).isFalse();
      }
      assertThat(LeftChildren.reap()).isZero();
    }
  }

  @Test
  void leave_ofWhatIsNoChild_closesIt() {
    Pidfd other = Pidfd.open(1);
    other.leave();
    assertThat(other.fd().isOpen()).isFalse();
    assertThat(LeftChildren.reap()).isZero();
  }

  @Test
  void open_ofNobody_isEsrch() {
    assertThatThrownBy(() -> Pidfd.open(Integer.MAX_VALUE))
        .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.is(Errno.ESRCH)).isTrue());
  }

  @Test
  void signal_thatIsNone_isEinval() {
    try (Pidfd self = Pidfd.open((int) ProcessHandle.current().pid())) {
      assertThatThrownBy(() -> self.signal(1000))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EINVAL");
    }
  }
}
