package dev.pinnace.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import java.util.List;
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
