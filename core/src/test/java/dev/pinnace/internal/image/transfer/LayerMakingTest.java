package dev.pinnace.internal.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.TestTar;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerMakingTest {
  private static final byte[] TAR = new TestTar().file("etc/one", "1".repeat(100_000)).bytes();
  private static final Digest DIFF_ID = Sha256.of(TAR);

  @TempDir private Path directory;
  private final Unpacker unpacker = new Unpacker();
  private ContentStore store;
  private Lease lease;

  @BeforeEach
  void open() throws IOException {
    store = ContentStore.open(directory);
    lease = store.lease();
  }

  @AfterEach
  void close() {
    lease.close();
  }

  private Optional<MadeLayer> make(Optional<Digest> parent, LayerIngest.Writing writing)
      throws IOException {
    return new LayerMaking(unpacker, lease).make("the layer", parent, writing);
  }

  private static LayerIngest.Writing tar() {
    return out -> {
      out.write(TAR[0]);
      out.write(TAR, 1, TAR.length - 1);
      return true;
    };
  }

  @Test
  void make_compressesAndUnpacksTheSameTar() throws IOException {
    MadeLayer layer = make(Optional.empty(), tar()).orElseThrow();
    assertThat(layer.diffId()).isEqualTo(DIFF_ID);
    assertThat(layer.chainId()).isEqualTo(DIFF_ID);
    assertThat(layer.blob().mediaType()).isEqualTo(MediaTypes.LAYER_GZIP);
    assertThat(unpacker.layers.get(DIFF_ID)).isEqualTo(TAR);
    try (InputStream blob = new GZIPInputStream(store.open(layer.blob().digest()))) {
      assertThat(blob.readAllBytes()).isEqualTo(TAR);
    }
    assertThat(store.size(layer.blob().digest())).isEqualTo(layer.blob().size());
    assertThat(store.ingestDirectory()).isEmptyDirectory();
  }

  @Test
  void make_again_isTheSameBlob_andNotUnpackedAgain() throws IOException {
    MadeLayer first = make(Optional.empty(), tar()).orElseThrow();
    unpacker.fails = true;
    assertThat(make(Optional.empty(), tar())).contains(first);
  }

  @Test
  void make_onALayer_isOfThatChain() throws IOException {
    Digest parent = Sha256.of(new byte[1]);
    MadeLayer layer = make(Optional.of(parent), tar()).orElseThrow();
    assertThat(layer.chainId()).isEqualTo(ImageConfig.chainId(Optional.of(parent), DIFF_ID));
    assertThat(unpacker.layers).containsOnlyKeys(layer.chainId());
  }

  @Test
  void make_whatIsNotToBe_leavesNothing() throws IOException {
    assertThat(make(Optional.empty(), out -> false)).isEmpty();
    assertNothingIsLeft();
  }

  @Test
  void make_writingFails_leavesNothing() {
    IOException failure = new IOException("gone");
    assertThatThrownBy(
            () ->
                make(
                    Optional.empty(),
                    out -> {
                      out.write(TAR);
                      throw failure;
                    }))
        .isSameAs(failure);
    assertNothingIsLeft();
  }

  @Test
  void make_unpackingFails_leavesNothing() {
    unpacker.fails = true;
    assertThatThrownBy(() -> make(Optional.empty(), tar())).hasMessage("no room");
    assertNothingIsLeft();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("pinnace-compress-"));
  }

  private void assertNothingIsLeft() {
    assertThat(unpacker.layers).isEmpty();
    assertThat(store.ingestDirectory()).isEmptyDirectory();
    assertThat(directory.resolve("content/blobs/sha256")).isEmptyDirectory();
  }

  private static final class Unpacker implements LayerUnpacker {
    private final Map<Digest, byte[]> layers = new HashMap<>();
    private boolean fails;

    @Override
    public boolean has(Digest chainId) {
      return layers.containsKey(chainId);
    }

    @Override
    public Set<Digest> list() {
      return layers.keySet();
    }

    @Override
    public void unpack(Digest chainId, Optional<Digest> parent, InputStream tar)
        throws IOException {
      if (fails) {
        throw new IOException("no room");
      }
      layers.put(chainId, tar.readAllBytes());
    }

    @Override
    public long space(Digest chainId) {
      return 0;
    }

    @Override
    public long removeAll(Set<Digest> chainIds) {
      throw new UnsupportedOperationException();
    }
  }
}
