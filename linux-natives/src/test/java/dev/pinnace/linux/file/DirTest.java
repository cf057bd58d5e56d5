package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.O_CREAT;
import static dev.pinnace.linux.file.Fcntl.O_RDONLY;
import static dev.pinnace.linux.file.Fcntl.O_WRONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirTest {
  @TempDir Path host;
  private Dir dir = Dir.open(Path.of("/"));

  @BeforeEach
  void open() throws Exception {
    dir.close();
    Files.createDirectory(host.resolve("in"));
    Files.writeString(host.resolve("canary"), "alive");
    dir = Dir.open(host.resolve("in"));
  }

  @AfterEach
  void close() throws Exception {
    dir.removeContents();
    dir.close();
    assertThat(Files.readString(host.resolve("canary"))).isEqualTo("alive");
  }

  private void write(String name, String text) {
    try (Fd fd = dir.open(name, O_WRONLY | O_CREAT, 0644)) {
      fd.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String read(String name) {
    try (Fd fd = dir.openFollowing(name, O_RDONLY, 0)) {
      return new String(fd.readAll(1000), StandardCharsets.UTF_8);
    }
  }

  private static void assertErrno(int errno, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ErrnoException.class, refusal -> assertThat(refusal.errno()).isEqualTo(errno));
  }

  @Test
  void open_dotDotAndAbsoluteLinks_stayInside() {
    dir.symlink("/../../canary", "link");
    dir.symlink("../..", "up");
    assertErrno(Errno.ENOENT, () -> read("link"));
    assertErrno(Errno.ENOENT, () -> read("up/canary"));
    assertErrno(Errno.ENOENT, () -> read("../canary"));
    write("canary", "inner");
    assertThat(read("link")).isEqualTo("inner");
    assertThat(read("up/up/canary")).isEqualTo("inner");
    assertThat(read("/canary")).isEqualTo("inner");
  }

  @Test
  void open_symlinkAsLastComponent_isNotFollowed() {
    write("file", "x");
    dir.symlink("file", "link");
    assertErrno(Errno.ELOOP, () -> dir.open("link", O_RDONLY, 0).close());
    dir.mkdir("d", 0755);
    dir.symlink("d", "dlink");
    assertErrno(Errno.ENOTDIR, () -> dir.openDir("dlink").close());
    try (Dir followed = dir.openDirFollowing("dlink")) {
      assertThat(followed.stat().isSameFile(dir.stat("d"))).isTrue();
    }
  }

  /** What was found is outside before openat2 has looked where it is. */
  @Test
  void openDir_movedOutMeanwhile_isThereOrNot() throws Exception {
    dir.mkdir("moving", 0755);
    AtomicBoolean done = new AtomicBoolean();
    Thread mover =
        new Thread(
            () -> {
              try (Dir outside = Dir.open(host)) {
                while (!done.get()) {
                  dir.rename("moving", outside, "moved", Dir.Replace.REPLACE);
                  outside.rename("moved", dir, "moving", Dir.Replace.REPLACE);
                }
              }
            });
    mover.start();
    try {
      for (int i = 0; i < 200_000; i++) {
        try (Dir moving = dir.openDir("moving")) {
          assertThat(moving.fd().number()).isPositive();
        } catch (ErrnoException refusal) {
          assertThat(refusal.errno()).isEqualTo(Errno.ENOENT);
        }
      }
    } finally {
      done.set(true);
      mover.join();
    }
  }

  @Test
  void unlink_throughLinkInTheMiddle_staysInside() {
    dir.symlink("/..", "up");
    assertErrno(Errno.ENOENT, () -> dir.unlink("up/canary"));
    assertErrno(Errno.EINVAL, () -> dir.unlink(".."));
    assertErrno(Errno.EINVAL, () -> dir.mkdir("a/..", 0755));
  }

  @Test
  void names_thatAreNotUtf8_roundTrip() {
    byte[] bytes = {'a', (byte) 0xFF, (byte) 0xC3, 'z'};
    String name = FileName.decode(bytes);
    write(name, "x");
    assertThat(dir.list()).containsExactly(name);
    assertThat(FileName.encode(dir.list().get(0))).isEqualTo(bytes);
    dir.symlink(name, "link");
    assertThat(FileName.encode(dir.readLink("link"))).isEqualTo(bytes);
    assertThat(FileName.display(name)).isEqualTo("\"a\\xff\\xc3z\"");
  }

  @Test
  void mkdirs_makesWhatIsMissingAndAcceptsWhatIsThere() {
    dir.mkdir("real", 0700);
    dir.symlink("real", "alias");
    dir.mkdirs("alias/b/c", 0755);
    assertThat(dir.stat("real/b/c").isDirectory()).isTrue();
    dir.mkdirs("alias/b/c/", 0755);
    write("file", "x");
    assertErrno(Errno.EEXIST, () -> dir.mkdirs("file", 0755));
    assertErrno(Errno.EEXIST, () -> dir.mkdirs("file/sub", 0755));
  }

  @Test
  void attributes_ofEveryKind_areReadBack() {
    write("f", "hello");
    Instant modified = Instant.ofEpochSecond(-5, 123456789);
    dir.chown("f", 12, 34);
    dir.chmod("f", 04755);
    dir.utimes("f", Instant.ofEpochSecond(7), modified);
    dir.link("f", "g");
    FileStat stat = dir.stat("g");
    assertThat(stat.type()).isEqualTo(FileType.REGULAR);
    assertThat(stat.permissions()).isEqualTo(04755);
    assertThat(stat.uid()).isEqualTo(12);
    assertThat(stat.gid()).isEqualTo(34);
    assertThat(stat.size()).isEqualTo(5);
    assertThat(stat.links()).isEqualTo(2);
    assertThat(stat.modified()).isEqualTo(modified);
    assertThat(stat.accessed()).isEqualTo(Instant.ofEpochSecond(7));
    assertThat(stat.isSameFile(dir.stat("f"))).isTrue();
  }

  @Test
  void chmod_ofSymlink_isRefusedAndTargetStays() {
    write("f", "x");
    dir.chmod("f", 0600);
    dir.symlink("f", "l");
    assertErrno(Errno.ENOTSUP, () -> dir.chmod("l", 0777));
    assertThat(dir.stat("f").permissions()).isEqualTo(0600);
  }

  @Test
  void xattrs_keepEveryByte() {
    dir.mkdirs("a/b", 0755);
    byte[] value = new byte[3000];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }
    dir.setXattr("a/b", "user.bytes", value);
    dir.setXattr("a/b", "user.empty", new byte[0]);
    assertThat(dir.getXattr("a/b", "user.bytes")).isEqualTo(value);
    assertThat(dir.getXattr("a/b", "user.none")).isNull();
    assertThat(dir.listXattrs("a/b")).containsExactlyInAnyOrder("user.bytes", "user.empty");
    dir.removeXattr("a/b", "user.bytes");
    assertThat(dir.listXattrs("a/b")).containsExactly("user.empty");
    write("f", "x");
    try (Fd fd = dir.open("f", O_RDONLY, 0)) {
      Inode.setXattr(fd, "user.a", new byte[] {0, (byte) 0xC0});
      assertThat(Inode.getXattr(fd, "user.a")).containsExactly(0, 0xC0);
      assertThat(Inode.listXattrs(fd)).containsExactly("user.a");
      Inode.removeXattr(fd, "user.a");
      assertThat(Inode.getXattr(fd, "user.a")).isNull();
    }
  }

  @Test
  void mknod_largeDeviceNumbers_roundTrip() {
    dir.mknod("dev", FileType.CHARACTER_DEVICE.bits() | 0600, 511, 0xABCDE);
    FileStat stat = dir.stat("dev");
    assertThat(stat.deviceMajor()).isEqualTo(511);
    assertThat(stat.deviceMinor()).isEqualTo(0xABCDE);
    dir.mknod("white", FileType.CHARACTER_DEVICE.bits(), 0, 0);
    assertThat(dir.stat("white").isWhiteout()).isTrue();
  }

  @Test
  void rename_exchangeAndNoReplace() {
    write("a", "1");
    write("b", "2");
    assertErrno(Errno.EEXIST, () -> dir.rename("a", dir, "b", Dir.Replace.NO_REPLACE));
    dir.rename("a", dir, "b", Dir.Replace.EXCHANGE);
    assertThat(read("a") + read("b")).isEqualTo("21");
    dir.rename("a", "b");
    assertThat(dir.list()).containsExactly("b");
  }

  @Test
  void find_absent_isEmpty() {
    write("f", "x");
    assertThat(dir.find("none")).isEmpty();
    assertThat(dir.find("none/below")).isEmpty();
    assertThat(dir.find("f/below")).isEmpty();
    assertThat(dir.find(".")).isPresent();
    dir.symlink("nowhere", "dangling");
    assertThat(dir.exists("dangling")).isTrue();
  }

  @Test
  void removeTree_deepTreesAndLinks_leavesTheRest() {
    Dir at = dir.duplicate();
    for (int i = 0; i < 300; i++) {
      at.mkdir("d", i % 7 == 0 ? 0000 : 0755);
      Dir next = at.openDir("d");
      next.symlink("../../../../../../../../canary", "up");
      at.close();
      at = next;
    }
    at.close();
    dir.removeTree("d");
    dir.removeTree("not-there");
    assertThat(dir.list()).isEmpty();
  }

  @Test
  void list_manyNames_findsAll() {
    for (int i = 0; i < 3000; i++) {
      dir.mknod("file-with-a-long-name-" + i, FileType.REGULAR.bits() | 0600, 0, 0);
    }
    assertThat(dir.list()).hasSize(3000).doesNotHaveDuplicates();
    assertThat(dir.entries()).allMatch(entry -> entry.type() == FileType.REGULAR);
  }

  @Test
  void tooLongPath_isRefusedWithTheCall() {
    assertErrno(Errno.ENAMETOOLONG, () -> dir.mkdir("x".repeat(5000), 0755));
    assertErrno(Errno.ENAMETOOLONG, () -> dir.mkdir("x".repeat(256), 0755));
  }
}
