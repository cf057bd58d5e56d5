package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.spi.storage.LayerChanges;
import dev.pinnace.spi.storage.Whiteouts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files of layers as one tree; and trees that change while they are read. */
@Needs("root")
@Timeout(60)
class TreeArchiveTest {
  @TempDir private Path directory;
  private Path upper;
  private Path below;

  @BeforeEach
  void make() throws IOException {
    upper = Files.createDirectory(directory.resolve("upper"));
    below = Files.createDirectory(directory.resolve("below"));
  }

  private LayerView merged() {
    return LayerView.open(
        new LayerChanges.Upper(upper, List.of(below), Whiteouts.OVERLAY), IdMap.NONE, IdMap.NONE);
  }

  private LayerView whole() {
    return LayerView.open(new LayerChanges.Full(upper, Optional.empty()), IdMap.NONE, IdMap.NONE);
  }

  private static List<String> names(LayerView view) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(view, out);
    TarReader reader =
        new TarReader(new ByteArrayInputStream(out.toByteArray()), LayerLimits.defaults());
    List<String> names = new ArrayList<>();
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      names.add(entry.name());
    }
    return names;
  }

  private static void write(LayerView view, OutputStream out) throws IOException {
    try (view;
        TarWriter tar = new TarWriter(out)) {
      TreeArchive.write(view, tar);
    }
  }

  @Test
  void write_marks_hideWhatIsBelow() throws IOException {
    Files.createDirectories(below.resolve("d/e"));
    Files.createFile(below.resolve("d/hidden"));
    Files.createFile(below.resolve("gone"));
    Files.createFile(below.resolve("d/e/deep"));
    Files.createDirectories(below.resolve("opaque/x"));
    Files.createDirectories(upper.resolve("d/e"));
    Files.createDirectories(upper.resolve("opaque"));
    Files.createFile(upper.resolve("opaque/y"));
    try (Dir dir = Dir.open(upper)) {
      dir.mknod("gone", FileType.CHARACTER_DEVICE.bits(), 0, 0);
      dir.mknod("d/hidden", FileType.CHARACTER_DEVICE.bits(), 0, 0);
      dir.setXattr("opaque", "trusted.overlay.opaque", new byte[] {'y'});
    }
    assertThat(names(merged())).containsExactly("d/", "d/e/", "d/e/deep", "opaque/", "opaque/y");
  }

  @Test
  void write_filesThatShrinkAndGrow_arePaddedAndCut() throws Exception {
    for (int i = 0; i < 40; i++) {
      Files.write(upper.resolve("file" + i), new byte[300_000]);
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread container =
        new Thread(
            () -> {
              try (Dir dir = Dir.open(upper)) {
                for (int i = 0; !done.get(); i = (i + 1) % 40) {
                  try (Fd file = dir.open("file" + i, Fcntl.O_WRONLY, 0)) {
                    Inode.resize(file, i % 2 == 0 ? 10 : 900_000);
                    Inode.resize(file, 300_000);
                  }
                }
              }
            });
    container.start();
    try {
      for (int round = 0; round < 20; round++) {
        assertThat(names(whole())).hasSize(40);
      }
    } finally {
      done.set(true);
      container.join();
    }
  }

  @Test
  void write_namesThatBecomeFifosLinksAndDevices_hangAndFollowNothing() throws Exception {
    Path outside = Files.writeString(directory.resolve("secret"), "SECRET OF THE HOST");
    Files.createDirectory(upper.resolve("dir"));
    AtomicBoolean done = new AtomicBoolean();
    Thread container =
        new Thread(
            () -> {
              try (Dir dir = Dir.open(upper)) {
                dir.symlink(outside.toString(), "link");
                dir.symlink(directory.toString(), "dirlink");
                dir.mknod("fifo", FileType.FIFO.bits() | 0666, 0, 0);
                dir.mknod("kmsg", FileType.CHARACTER_DEVICE.bits() | 0600, 1, 11);
                dir.mknod("plain", FileType.REGULAR.bits() | 0644, 0, 0);
                String[] others = {"link", "fifo", "kmsg", "dirlink"};
                for (int i = 0; !done.get(); i = (i + 1) % others.length) {
                  dir.rename("plain", dir, others[i], Dir.Replace.EXCHANGE);
                  dir.rename("plain", dir, others[i], Dir.Replace.EXCHANGE);
                  dir.rename("dir", dir, "dirlink", Dir.Replace.EXCHANGE);
                  dir.rename("dir", dir, "dirlink", Dir.Replace.EXCHANGE);
                }
              }
            });
    container.start();
    try {
      for (int round = 0; round < 500; round++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(whole(), out);
        assertThat(out.toString(java.nio.charset.StandardCharsets.ISO_8859_1))
            .doesNotContain("SECRET");
      }
    } finally {
      done.set(true);
      container.join();
    }
  }

  @Test
  void write_holes_areZerosAndQuick() throws IOException {
    try (Dir dir = Dir.open(upper);
        Fd file = dir.open("sparse", Fcntl.O_RDWR | Fcntl.O_CREAT, 0644)) {
      file.write(new byte[] {1});
      Inode.resize(file, 3L << 30);
    }
    long[] length = {0};
    write(
        whole(),
        new OutputStream() {
          @Override
          public void write(int value) {
            length[0]++;
          }

          @Override
          public void write(byte[] bytes, int from, int count) {
            length[0] += count;
          }
        });
    assertThat(length[0]).isEqualTo((3L << 30) + 512 + 1024);
  }

  @Test
  void write_interrupted_isCancelled() throws IOException {
    Files.createFile(upper.resolve("file"));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> names(whole())).isInstanceOf(CancelledException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void write_idsOfTheHost_areThoseOfTheContainer() throws IOException {
    Files.createFile(upper.resolve("mine"));
    Files.createFile(upper.resolve("other"));
    try (Dir dir = Dir.open(upper)) {
      dir.chown("mine", 100_033, 200_034);
      dir.chown("other", 7, 7);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(
        LayerView.open(
            new LayerChanges.Upper(upper, List.of(below), Whiteouts.OVERLAY),
            new IdMap(100_000, 200_000, 65_536),
            IdMap.NONE),
        out);
    TarReader reader =
        new TarReader(new ByteArrayInputStream(out.toByteArray()), LayerLimits.defaults());
    TarEntry mine = Objects.requireNonNull(reader.next());
    assertThat(List.of(mine.uid(), mine.gid())).containsExactly(33, 34);
    TarEntry other = Objects.requireNonNull(reader.next());
    assertThat(List.of(other.uid(), other.gid())).containsExactly(65_534, 65_534);
  }
}
