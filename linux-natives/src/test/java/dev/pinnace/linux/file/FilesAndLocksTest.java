package dev.pinnace.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesAndLocksTest {
  @TempDir Path host;
  private Dir dir = Dir.open(Path.of("/"));

  @BeforeEach
  void open() {
    dir.close();
    dir = Dir.open(host);
  }

  @AfterEach
  void close() {
    dir.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void lock_excludesOthersOfTheSameProcess_untilClosed() throws Exception {
    try (LockFile second = LockFile.open(dir, "lock")) {
      try (LockFile first = LockFile.open(dir, "lock")) {
        assertThat(first.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
        assertThat(second.tryLock(LockFile.Mode.SHARED)).isFalse();
        assertThat(second.lock(LockFile.Mode.SHARED, Duration.ofMillis(20))).isFalse();
        assertThat(first.tryLock(LockFile.Mode.SHARED)).isTrue();
        assertThat(second.tryLock(LockFile.Mode.SHARED)).isTrue();
        second.unlock();
        assertThat(first.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
        // Closing another descriptor of the file would drop a POSIX lock.
        dir.open("lock", Fcntl.O_RDWR, 0).close();
        assertThat(second.tryLock(LockFile.Mode.SHARED)).isFalse();
      }
      assertThat(second.lock(LockFile.Mode.EXCLUSIVE, Duration.ZERO)).isTrue();
    }
  }

  @Test
  void lock_heldByAnInheritedCopy_outlivesClose() {
    try (LockFile second = LockFile.open(dir, "lock")) {
      Fd copy;
      try (LockFile first = LockFile.open(dir, "lock")) {
        assertThat(first.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
        copy = first.fd().duplicate();
      }
      assertThat(second.tryLock(LockFile.Mode.EXCLUSIVE)).isFalse();
      copy.close();
      assertThat(second.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
    }
  }

  @Test
  void find_makesNoFile() {
    assertThat(LockFile.find(dir, "lock")).isEmpty();
    assertThat(dir.list()).isEmpty();
    LockFile.open(dir, "lock").close();
    assertThat(LockFile.find(dir, "lock")).hasValueSatisfying(LockFile::close);
  }

  @Test
  void isHeldByOthers_asksWithoutTaking() {
    try (LockFile holder = LockFile.open(dir, "lock");
        LockFile asking = LockFile.open(dir, "lock")) {
      assertThat(asking.isHeldByOthers()).isFalse();
      assertThat(holder.tryLock(LockFile.Mode.EXCLUSIVE)).as("asking took nothing").isTrue();
      assertThat(asking.isHeldByOthers()).isTrue();
      assertThat(holder.isHeldByOthers()).as("by itself").isFalse();
      assertThat(holder.tryLock(LockFile.Mode.SHARED)).isTrue();
      assertThat(asking.isHeldByOthers()).isTrue();
      holder.unlock();
      assertThat(asking.isHeldByOthers()).isFalse();
    }
  }

  @Test
  void lock_interrupted_throws() {
    try (LockFile first = LockFile.open(dir, "lock");
        LockFile second = LockFile.open(dir, "lock")) {
      assertThat(first.tryLock(LockFile.Mode.EXCLUSIVE)).isTrue();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> second.lock(LockFile.Mode.EXCLUSIVE, Duration.ofMinutes(1)))
          .isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void memfd_sealed_cannotBeWritten() {
    try (Fd memfd = Memfd.sealed("plan", bytes("content"));
        Fd again = Memfd.openReadOnly(memfd)) {
      assertThat(Memfd.isSealed(memfd)).isTrue();
      assertThat(again.readAll(100)).isEqualTo(bytes("content"));
      assertThatThrownBy(() -> memfd.write(bytes("x")))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EPERM");
    }
  }

  @Test
  void copy_keepsContentAndHoles() {
    try (Fd from = dir.open("from", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        Fd to = dir.open("to", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644);
        WriteBuffer buffer = WriteBuffer.ofSize(10)) {
      buffer.writeAt(from, 4_000_000, bytes("in the middle of it"), 0, 19);
      Inode.resize(from, 9_000_000);
      FileCopy.copy(from, to);
      assertThat(Inode.stat(to).size()).isEqualTo(9_000_000);
      assertThat(Inode.stat(to).blocks()).isLessThan(100);
      byte[] read = new byte[19];
      assertThat(to.readAt(4_000_000, read, 0, 19)).isEqualTo(19);
      assertThat(read).isEqualTo(bytes("in the middle of it"));
    }
  }
}
