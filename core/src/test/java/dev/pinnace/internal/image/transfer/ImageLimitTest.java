package dev.pinnace.internal.image.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.MemoryUnpacker;
import dev.pinnace.internal.image.TestTar;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLimitTest {
  private static final byte[] LOWER = new TestTar().file("lower", "1").bytes();
  private static final byte[] UPPER = new TestTar().file("upper", "2").bytes();

  private static final long BOTH = (long) LOWER.length + UPPER.length;

  @TempDir private Path directory;
  private final MemoryUnpacker unpacker = new MemoryUnpacker();

  private void take(ContentStore store, ImageLimit limit) throws IOException {
    Digest lower = Sha256.of(LOWER);
    Digest upper = Sha256.of(UPPER);
    try (Lease lease = store.lease()) {
      LayerIngest ingest = new LayerIngest(store, unpacker, lease);
      ingest.take(
          new ByteArrayInputStream(LOWER),
          "the lower layer",
          new LayerIngest.Place(lower, lower, Optional.empty()),
          limit);
      ingest.take(
          new ByteArrayInputStream(UPPER),
          "the upper layer",
          new LayerIngest.Place(
              upper, ImageConfig.chainId(Optional.of(lower), upper), Optional.of(lower)),
          limit);
    }
  }

  @Test
  void take_layersTooLargeTogether_areRefused() throws IOException {
    ContentStore store = ContentStore.open(directory);
    assertThatThrownBy(() -> take(store, ImageLimit.of(BOTH - 1)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage(
            "the upper layer is refused: the layers of its image unpack to more than "
                + (BOTH - 1)
                + " bytes together; what needs as much is better mounted from the host");
    assertThat(unpacker.list()).containsOnly(Sha256.of(LOWER));
    assertThat(store.ingestDirectory()).isEmptyDirectory();
  }

  @Test
  void take_layersThatJustFit() throws IOException {
    take(ContentStore.open(directory), ImageLimit.of(BOTH));
    assertThat(unpacker.list()).hasSize(2);
  }

  @Test
  void usual_isFarAboveWhatImagesHave() {
    assertThat(ImageLimit.MOST).isEqualTo(256L << 30);
    ImageLimit limit = ImageLimit.usual();
    limit.add(ImageLimit.MOST);
    assertThatThrownBy(() -> limit.add(1)).isInstanceOf(InvalidSpecException.class);
  }
}
