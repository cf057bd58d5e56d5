package dev.pinnace.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.Epoll;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.Memfd;
import dev.pinnace.linux.file.MountInfo;
import dev.pinnace.linux.file.Mounts;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
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

  @Test
  void start_ofWhatCannotBeOpened_leavesNoZombie() throws Exception {
    AtomicInteger spawned = new AtomicInteger();
    try (Launcher launcher = Launcher.load()) {
      assertThatThrownBy(
              () ->
                  launcher.spawn(
                      new TreeMap<>(),
                      pid -> {
                        spawned.set(pid);
                        throw new ErrnoException("pidfd_open", Errno.EMFILE, "pid " + pid);
                      }))
          .hasMessageContaining("EMFILE");
    }
    Path process = Path.of("/proc/" + spawned.get());
    for (int i = 0; Files.exists(process) && i < 1_000; i++) {
      Thread.sleep(10);
    }
    assertThat(process).doesNotExist();
  }

  /** As where a security module forbids it, which is noticed at the first start. */
  @Test
  void start_ofMemoryThatMayNotBeExecuted_isOfAReadOnlyFile() {
    needsRoot();
    try (Launcher launcher = Launcher.of(Memfd.create("not-executable"))) {
      Inode.chmod(launcher.executable(), 0600);
      assertThat(launcher.refusal()).isEmpty();
      try (Pidfd process = launcher.start(new TreeMap<>());
          Epoll ended = new Epoll()) {
        ended.add(process.fd(), 1);
        assertThat(ended.await(10_000)).hasSize(1);
        assertThat(process.reap()).isTrue();
      }
      assertThat(launcher.refusal()).get().matches(refusal -> refusal.is(Errno.EACCES));
    }
  }

  @Test
  void readOnlyFile_isWrittenByNobody() {
    needsRoot();
    byte[] content = "#!/bin/true".getBytes(StandardCharsets.US_ASCII);
    List<MountInfo> mounts = Mounts.list();
    try (Fd file = ReadOnlyFile.of(content, "f")) {
      assertThat(file.readAll(100)).isEqualTo(content);
      assertThatThrownBy(() -> Inode.chmod(file, 0777)).hasMessageContaining("EROFS");
      // By its magic link, as a container would.
      assertThatThrownBy(() -> new RandomAccessFile(file.procPath(), "rw").close())
          .hasMessageContaining("Read-only file system");
      assertThat(Mounts.list()).isEqualTo(mounts);
    }
  }

  private static void needsRoot() {
    try (Dir self = Dir.open(Path.of("/proc/self"))) {
      assumeTrue(self.stat().uid() == 0, "mounting needs root");
    }
  }
}
