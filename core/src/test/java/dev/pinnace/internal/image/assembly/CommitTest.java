package dev.pinnace.internal.image.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.MemoryUnpacker;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitTest {
  private static final Digest LAYER = Sha256.of(new byte[0]);

  @TempDir private Path directory;

  @Test
  void take_imageHasAsManyLayersAsCanBeMounted_isRefusedBeforeAnythingIsWritten()
      throws IOException {
    ExecutionConfig config = ExecutionConfig.of(List.of(), List.of());
    Descriptor blob = new Descriptor(MediaTypes.LAYER, LAYER, 0);
    Commit commit =
        new Commit(
            "web",
            new ImageManifest(
                MediaTypes.MANIFEST,
                new Descriptor(MediaTypes.CONFIG, LAYER, 0),
                Collections.nCopies(ImageImporter.MOST_LAYERS, blob),
                Map.of()),
            new ImageConfig(
                Optional.empty(),
                Optional.empty(),
                Platform.host(),
                config,
                Collections.nCopies(ImageImporter.MOST_LAYERS, LAYER),
                List.of()),
            config.cmd(),
            config,
            CommitSpec.unnamed());
    AtomicBoolean written = new AtomicBoolean();
    ContentStore store = ContentStore.open(directory);
    try (Lease lease = store.lease()) {
      LayerIngest ingest = new LayerIngest(store, new MemoryUnpacker(), lease);
      assertThatThrownBy(
              () ->
                  commit.take(
                      ingest,
                      out -> {
                        written.set(true);
                        return true;
                      }))
          .isInstanceOf(ConflictException.class)
          .hasMessage(
              "cannot commit container web: its image has 500 layers, and no more can be mounted;"
                  + " export and import make one of them");
    }
    assertThat(written).isFalse();
    assertThat(store.ingestDirectory()).isEmptyDirectory();
  }
}
