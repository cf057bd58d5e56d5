package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdoptTest {
  @TempDir Path directory;

  /** Its lock is held, and nobody listens: as between the lock and the socket of a start. */
  @Test
  void adopt_interrupted_isCancelledAtOnceAndStaysInterrupted() throws InterruptedException {
    ContainerPlace place = new ContainerPlace("0123", directory, directory);
    try (LinuxIsolation isolation =
            new LinuxIsolation(new IsolationOptions(directory, "adopt-test"));
        Dir run = Dir.open(directory);
        LockFile lock = LockFile.open(run, "lock")) {
      assertThat(lock.lock(LockFile.Mode.EXCLUSIVE, Duration.ofSeconds(1))).isTrue();
      Instant begin = Instant.now();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> isolation.adopt(place))
          .isInstanceOf(CancelledException.class)
          .hasMessageContaining("interrupted while connecting to 0123");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void killSupervisor_isNothingToWhoeverElseHoldsTheLock() throws InterruptedException {
    ContainerPlace place = new ContainerPlace("0123", directory, directory);
    try (LinuxIsolation isolation =
            new LinuxIsolation(new IsolationOptions(directory, "kill-test"));
        Dir run = Dir.open(directory);
        LockFile lock = LockFile.open(run, "lock")) {
      assertThat(lock.lock(LockFile.Mode.EXCLUSIVE, Duration.ofSeconds(1))).isTrue();
      assertThat(isolation.killSupervisor(place)).isFalse();
    }
  }
}
