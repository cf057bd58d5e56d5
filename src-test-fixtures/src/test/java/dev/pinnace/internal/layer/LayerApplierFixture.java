package dev.pinnace.internal.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory that layers are applied to, and one beside it that they must not reach. */
@Needs({"root", "overlay"})
abstract class LayerApplierFixture {
  @TempDir Path host;
  Dir root = Dir.open(Path.of("/"));
  Dir target = root;
  LayerOptions options = LayerOptions.defaults();

  @BeforeEach
  void prepare() throws IOException {
    root.close();
    Files.createDirectories(host.resolve("layer"));
    Files.createDirectories(host.resolve("outside"));
    Files.writeString(host.resolve("outside/canary"), "alive");
    root = Dir.open(host);
    target = root.openDir("layer");
  }

  @AfterEach
  void outsideIsUntouched() throws IOException {
    assertThat(Files.readString(host.resolve("outside/canary"))).isEqualTo("alive");
    assertThat(root.list("outside")).containsExactly("canary");
    assertThat(root.list()).containsExactly("layer", "outside");
    target.removeContents();
    target.close();
    root.close();
  }

  LayerResult apply(byte[] tar) throws IOException {
    return LayerApplier.apply(new ByteArrayInputStream(tar), target, options);
  }

  LayerResult apply(LayerArchive archive) throws IOException {
    return apply(archive.bytes());
  }

  String read(String path) {
    try (Fd fd = target.openFollowing(path, Fcntl.O_RDONLY, 0)) {
      return new String(fd.readAll(1 << 20), StandardCharsets.UTF_8);
    }
  }

  /** The same bytes again and again, for as long as anybody reads. */
  static final class Endless extends InputStream {
    final byte[] piece;
    long read;

    Endless(byte[] piece) {
      this.piece = piece;
    }

    @Override
    public int read() {
      return piece[(int) (read++ % piece.length)] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) {
      int at = (int) (read % piece.length);
      int count = Math.min(length, piece.length - at);
      System.arraycopy(piece, at, into, from, count);
      read += count;
      return count;
    }
  }
}
