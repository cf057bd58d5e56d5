package dev.pinnace.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.file.Memfd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class LauncherTest {
  @Test
  void load_isAnExecutable_ofThisMachine() {
    try (Launcher launcher = Launcher.load()) {
      byte[] head = new byte[20];
      assertThat(launcher.executable().readAt(0, head, 0, 20)).isEqualTo(20);
      ByteBuffer elf = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(elf.getInt(0)).isEqualTo(0x464C457F);
      assertThat((int) elf.getShort(18)).isEqualTo(Kernel.architecture().elfMachine());
    }
  }

  @Test
  void load_isSealed() {
    try (Launcher launcher = Launcher.load()) {
      assertThat(Memfd.isSealed(launcher.executable())).isTrue();
      assertThatThrownBy(() -> launcher.executable().write(new byte[] {0}))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EPERM");
    }
  }

  @Test
  void buildId_isTheSame_eachTime() {
    try (Launcher first = Launcher.load();
        Launcher second = Launcher.load()) {
      assertThat(first.buildId()).isNotZero().isEqualTo(second.buildId());
    }
  }

  @Test
  void start_withoutAPlan_endsByItself() {
    try (Launcher launcher = Launcher.load();
        Pidfd process = launcher.start(new TreeMap<>());
        Epoll ended = new Epoll()) {
      ended.add(process.fd(), 1);
      assertThat(ended.await(10_000)).hasSize(1);
      assertThat(process.reap()).isTrue();
      assertThat(process.isAlive()).isFalse();
    }
  }
}
