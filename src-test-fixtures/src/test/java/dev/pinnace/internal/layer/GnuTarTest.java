package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileCopy;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.linux.file.Inode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GNU tar on the other side: what it writes we apply, what we write it extracts. */
@Needs({"root", "tar"})
class GnuTarTest {
  @TempDir Path host;
  private Dir root = Dir.open(Path.of("/"));

  @BeforeEach
  void makeTree() {
    root.close();
    root = Dir.open(host);
    root.mkdir("from", 0755);
    root.mkdir("to", 0755);
    try (Dir from = root.openDir("from")) {
      from.mkdirs("a/b", 0755);
      write(from, "a/plain", 3000, 0);
      write(from, "a/sparse", 5000, 3_000_000);
      try (Fd many = from.open("a/holes", Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644)) {
        try (Fd one = from.open("a/plain", Fcntl.O_RDONLY, 0)) {
          for (int i = 0; i < 40; i++) {
            FileCopy.copyRange(one, 0, many, i * 65536L, 3000);
          }
        }
        Inode.resize(many, 10_000_000);
      }
      from.link("a/plain", "a/b/hard");
      from.symlink("../" + "t".repeat(150), "a/b/link");
      write(from, "a/" + "long".repeat(50), 10, 0);
      write(from, "a/" + FileName.decode(new byte[] {'x', (byte) 0xE9, 'y'}), 10, 0);
      from.mknod("a/dev", FileType.CHARACTER_DEVICE.bits() | 0640, 5, 300);
      from.mknod("a/fifo", FileType.FIFO.bits() | 0600, 0, 0);
      from.chown("a/plain", 70_000, 3_000_000);
      from.chmod("a/plain", 06711);
      from.setXattr("a/sparse", "user.bytes", new byte[] {0, (byte) 0xC0, '\n', '='});
      for (String name : List.of("a/plain", "a/b/link", "a/fifo", "a/b", "a")) {
        from.utimes(name, Instant.EPOCH, Instant.ofEpochSecond(1_500_000_000));
      }
    }
  }

  private static void write(Dir dir, String name, int length, long offset) {
    try (Fd fd = dir.open(name, Fcntl.O_WRONLY | Fcntl.O_CREAT, 0644)) {
      if (offset > 0) {
        Inode.resize(fd, offset);
      }
      byte[] bytes = new byte[length];
      Arrays.fill(bytes, (byte) 'z');
      try (var buffer = dev.pinnace.linux.file.WriteBuffer.ofSize(length)) {
        buffer.writeAt(fd, offset, bytes, 0, length);
      }
    }
  }

  @AfterEach
  void remove() {
    root.removeContents();
    root.close();
  }

  private void tar(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("tar"));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private void compare(boolean xattrs) throws IOException {
    try (Dir from = root.openDir("from");
        Dir to = root.openDir("to")) {
      for (String directory : List.of(".", "a", "a/b")) {
        assertThat(to.list(directory)).isEqualTo(from.list(directory));
        for (String name : from.list(directory)) {
          compare(from, to, directory + "/" + name, xattrs);
        }
      }
      assertThat(to.stat("a/b/hard").isSameFile(to.stat("a/plain"))).isTrue();
      assertThat(to.stat("a/sparse").blocks()).isLessThan(100);
      assertThat(to.stat("a/holes").blocks()).isLessThan(1000);
    }
  }

  private static void compare(Dir from, Dir to, String path, boolean xattrs) {
    FileStat a = from.stat(path);
    FileStat b = to.stat(path);
    assertThat(b.mode()).as(path).isEqualTo(a.mode());
    assertThat(b.uid()).as(path).isEqualTo(a.uid());
    assertThat(b.gid()).as(path).isEqualTo(a.gid());
    assertThat(b.deviceMajor()).isEqualTo(a.deviceMajor());
    assertThat(b.deviceMinor()).isEqualTo(a.deviceMinor());
    assertThat(b.modified().getEpochSecond()).as(path).isEqualTo(a.modified().getEpochSecond());
    if (a.isSymlink()) {
      assertThat(to.readLink(path)).isEqualTo(from.readLink(path));
    }
    if (a.isRegular()) {
      assertThat(content(to, path)).as(path).isEqualTo(content(from, path));
      for (String name : xattrs ? from.listXattrs(path) : List.<String>of()) {
        assertThat(to.getXattr(path, name)).isEqualTo(from.getXattr(path, name));
      }
    }
  }

  private static byte[] content(Dir dir, String path) {
    try (Fd fd = dir.open(path, Fcntl.O_RDONLY, 0)) {
      return fd.readAll(1 << 24);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=gnu --sparse",
        "--format=pax --xattrs --sparse",
        "--format=pax --xattrs --sparse --sparse-version=0.0",
        "--format=pax --xattrs --sparse --sparse-version=0.1"
      })
  void apply_archiveOfGnuTar_givesTheSameTree(String flags) throws Exception {
    List<String> arguments = new ArrayList<>(Arrays.asList(flags.split(" ", -1)));
    arguments.addAll(
        List.of("-cf", host.resolve("x.tar") + "", "-C", host.resolve("from") + "", "."));
    tar(arguments);
    try (Dir to = root.openDir("to");
        InputStream in = new BufferedInputStream(Files.newInputStream(host.resolve("x.tar")))) {
      assertThat(LayerApplier.apply(in, to, LayerOptions.defaults()).warnings()).isEmpty();
    }
    compare(flags.contains("xattrs"));
  }

  @Test
  void write_readEntries_areExtractedByGnuTar() throws Exception {
    tar(
        List.of(
            "--format=pax",
            "--xattrs",
            "-cf",
            host.resolve("x.tar") + "",
            "-C",
            host.resolve("from") + "",
            "."));
    try (InputStream in = Files.newInputStream(host.resolve("x.tar"));
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(host.resolve("y.tar")));
        TarWriter writer = new TarWriter(out)) {
      TarReader reader = new TarReader(in, LayerLimits.defaults());
      TarEntry entry;
      while ((entry = reader.next()) != null) {
        writer.entry(entry);
        reader.content(writer::write);
      }
    }
    tar(
        List.of(
            "--xattrs",
            "--same-owner",
            "-p",
            "-xSf",
            host.resolve("y.tar") + "",
            "-C",
            host.resolve("to") + ""));
    try (Dir from = root.openDir("from");
        Dir to = root.openDir("to")) {
      for (String name : from.list("a")) {
        compare(from, to, "a/" + name, true);
      }
      assertThat(to.readLink("a/b/link")).isEqualTo(from.readLink("a/b/link"));
      assertThat(to.stat("a/b/hard").isSameFile(to.stat("a/plain"))).isTrue();
    }
  }
}
