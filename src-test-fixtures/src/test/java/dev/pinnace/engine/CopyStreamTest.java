package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.spec.CopyOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Archives unpacked in containers. */
class CopyStreamTest extends EngineFixture {
  private Container running() {
    return ready(engine.containers().start(waiting()));
  }

  private static void unpack(Container container, LayerArchive tar, String directory) {
    container.copyIn(new ByteArrayInputStream(tar.bytes()), directory, CopyOptions.DEFAULTS);
  }

  private static String stdout(Container container, String script) {
    return container.execute("busybox", "sh", "-c", script).stdout();
  }

  @Test
  void copyIn_plainOrCompressed_isUnpacked() throws IOException {
    byte[] tar = new LayerArchive().dir("./").dir("d").file("d/f", "text").bytes();
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(tar);
    }
    Container container = running();
    for (byte[] archive : new byte[][] {tar, zipped.toByteArray()}) {
      container.copyIn(new ByteArrayInputStream(archive), "/tmp", CopyOptions.DEFAULTS);
      assertThat(stdout(container, "cat /tmp/d/f; busybox rm -r /tmp/d")).isEqualTo("text");
    }
    assertThat(stdout(container, "busybox stat -c %a /tmp")).isEqualTo("1777\n");
  }

  @Test
  void copyIn_namesOfWhiteouts_areFiles() {
    Container container = running();
    unpack(
        container,
        new LayerArchive().file("etc/.wh.passwd", "a").file("etc/.wh..wh..opq", "b"),
        "/");
    assertThat(
            stdout(
                container, "cat /etc/.wh.passwd /etc/.wh..wh..opq; test -s /etc/passwd && echo c"))
        .isEqualTo("abc\n");
  }

  @Test
  void copyIn_absoluteNamesAndLinks_stayInTheContainer() {
    Container container = running();
    unpack(
        container,
        new LayerArchive()
            .symlink("up", "/../../../../etc")
            .file("up/inside", "1")
            .file("/tmp/absolute", "2"),
        "/tmp");
    assertThat(stdout(container, "cat /etc/inside /tmp/tmp/absolute")).isEqualTo("12");
  }

  @Test
  void copyIn_namesOfDots_areWhatTheyAre() {
    Container container = running();
    unpack(container, new LayerArchive().dir(".//./").file("...", "three"), "/tmp");
    assertThat(stdout(container, "cat /tmp/...")).isEqualTo("three");
    for (String climbing : new String[] {"..", "./..", "../.."}) {
      assertThatThrownBy(() -> unpack(container, new LayerArchive().dir(climbing), "/tmp"))
          .as(climbing)
          .isInstanceOf(InvalidSpecException.class);
    }
  }

  @Test
  void copyIn_archiveThatIsWrong_isRefusedByName() {
    Container container = running();
    assertThatThrownBy(() -> unpack(container, new LayerArchive().file("../escaped", "x"), "/tmp"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("escaped");
    byte[] tar = new LayerArchive().file("whole", "x".repeat(5000)).bytes();
    assertThatThrownBy(
            () ->
                container.copyIn(
                    new ByteArrayInputStream(Arrays.copyOf(tar, 2000)),
                    "/tmp",
                    CopyOptions.DEFAULTS))
        .isInstanceOf(CorruptException.class);
    assertThatThrownBy(
            () ->
                container.copyIn(
                    new ByteArrayInputStream("no archive".getBytes(StandardCharsets.UTF_8)),
                    "/tmp",
                    CopyOptions.DEFAULTS))
        .isInstanceOf(PinnaceException.class);
    assertThatThrownBy(() -> unpack(container, new LayerArchive().file("f", "x"), "/missing"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> unpack(container, new LayerArchive().file("f", "x"), "/etc/passwd"))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void copyIn_hardLinksAndOwners_areThose() {
    Container container = running();
    LayerArchive tar =
        new LayerArchive()
            .add(TarEntry.file("a", 0).withOwner(7, 8))
            .hardlink("b", "a")
            .add(TarEntry.fifo("p"));
    container.copyIn(
        new ByteArrayInputStream(tar.bytes()), "/tmp", CopyOptions.DEFAULTS.withOwners());
    assertThat(stdout(container, "busybox stat -c '%h %u %g' /tmp/b; test -p /tmp/p && echo p"))
        .isEqualTo("2 7 8\np\n");
  }

  @Test
  void copyIn_streamThatFails_failsAsItDoes() {
    Container container = engine.containers().create(waiting());
    IOException broken = new IOException("broken");
    InputStream failing =
        new FilterInputStream(InputStream.nullInputStream()) {
          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            throw broken;
          }
        };
    assertThatThrownBy(() -> container.copyIn(failing, "/", CopyOptions.DEFAULTS))
        .hasRootCause(broken);
    assertThat(container.diff()).isEmpty();
  }

  @Test
  void copyIn_directoriesThatTheArchiveLacks_belongToRootInside() {
    Container container =
        ready(engine.containers().start(waiting().userMap(200_000, 200_000, 65_536)));
    unpack(container, new LayerArchive().file("a/b/f", "x"), "/tmp");
    assertThat(stdout(container, "busybox stat -c %u:%a /tmp/a /tmp/a/b /tmp/a/b/f"))
        .isEqualTo("0:755\n0:755\n0:644\n");
  }

  /** Gives its first bytes, does something, and gives the rest. */
  private static InputStream pausing(byte[] bytes, int first, Runnable between) {
    return new SequenceInputStream(
        new ByteArrayInputStream(bytes, 0, first),
        new FilterInputStream(new ByteArrayInputStream(bytes, first, bytes.length - first)) {
          private boolean done;

          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            if (!done) {
              done = true;
              between.run();
            }
            return in.read(into, from, length);
          }
        });
  }

  @Test
  void copyIn_containerThatEndsMeanwhile_isNoCopy() {
    byte[] tar = new LayerArchive().file("one", "1").file("two", "2").bytes();
    Container container = running();
    assertThatThrownBy(
            () ->
                container.copyIn(
                    pausing(tar, 1024, () -> container.stop()), "/tmp", CopyOptions.DEFAULTS))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("ended");
  }

  @Test
  void copyIn_stream_staysOpen() throws IOException {
    boolean[] closed = {false};
    InputStream in =
        new FilterInputStream(new ByteArrayInputStream(new LayerArchive().file("f", "x").bytes())) {
          @Override
          public int read(byte[] into, int from, int length) throws IOException {
            return in.read(into, from, length);
          }

          @Override
          public void close() {
            closed[0] = true;
          }
        };
    Container container = engine.containers().create(waiting());
    container.copyIn(in, "/tmp", CopyOptions.DEFAULTS);
    assertThat(in.read()).isNegative();
    assertThat(closed[0]).isFalse();
  }
}
