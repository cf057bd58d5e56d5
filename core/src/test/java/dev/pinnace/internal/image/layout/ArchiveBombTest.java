package dev.pinnace.internal.image.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small archives that unpack to a lot. */
class ArchiveBombTest {
  private static final int MEBI = 1 << 20;

  @TempDir private Path directory;
  private ContentStore store;
  private UnpackLimit limit = new UnpackLimit(1L << 40, 1L << 30, 200);

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(directory);
  }

  private void load(InputStream archive) throws IOException {
    try (Lease lease = store.lease()) {
      LayerIngest ingest = new LayerIngest(store, new NoLayers(), lease);
      new ArchiveLoader(ingest, Optional.empty(), where -> limit).load(archive);
    } finally {
      try (var left = Files.walk(directory)) {
        assertThat(left.filter(Files::isRegularFile).filter(f -> f.toFile().length() > MEBI))
            .isEmpty();
      }
    }
  }

  private static byte[] zstd(byte[] head, int mebibytesOfZeros) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = new ZstdOutputStream(compressed)) {
      out.write(head);
      for (int i = 0; i < mebibytesOfZeros; i++) {
        out.write(new byte[MEBI]);
      }
    }
    return compressed.toByteArray();
  }

  private static byte[] header(long size) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new TarWriter(out).entry(TarEntry.file("blobs/zeros", size));
    return out.toByteArray();
  }

  @Test
  void load_zeros_areRefusedByTheirFirstBlock() throws IOException {
    limit = new UnpackLimit(0, 0, 1);
    assertThatThrownBy(() -> load(new ByteArrayInputStream(zstd(new byte[0], 64))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("not a tar");
    assertThatThrownBy(() -> load(new ByteArrayInputStream(new byte[100])))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("not a tar");
  }

  @Test
  void load_tarOfZeros_isRefusedByItsRatio() throws IOException {
    limit = new UnpackLimit(1L << 40, 4 * MEBI, 200);
    byte[] bomb = zstd(header(64L * MEBI), 64);
    assertThat(bomb.length).isLessThan(64 * MEBI / 200);
    assertThatThrownBy(() -> load(new ByteArrayInputStream(bomb)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the stream is refused")
        .hasMessageContaining("as nothing useful does")
        .hasMessageContaining("if you trust it");
  }

  @Test
  void load_moreThanThereIsRoomFor_isRefusedWhateverItsRatio() throws IOException {
    limit = new UnpackLimit(3 * MEBI, 1L << 30, 200);
    byte[] tooLarge = zstd(header(8L * MEBI), 8);
    assertThatThrownBy(() -> load(new ByteArrayInputStream(tooLarge)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("no room")
        .hasMessageContaining(String.valueOf(3 * MEBI));
  }

  @Test
  void in_aDirectory_leavesHalfOfWhatIsFree() throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    assertThat(UnpackLimit.in(directory).most()).isLessThan(free).isLessThanOrEqualTo(256L << 30);
  }

  /** Nothing comes so far as to be unpacked. */
  private static final class NoLayers implements LayerUnpacker {
    @Override
    public boolean has(Digest chainId) {
      return false;
    }

    @Override
    public Set<Digest> list() {
      return Set.of();
    }

    @Override
    public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar) {
      throw new AssertionError("a layer of a bomb is unpacked");
    }

    @Override
    public long space(Digest chainId) {
      return 0;
    }

    @Override
    public long removeAll(Set<Digest> chainIds) {
      return 0;
    }
  }
}
