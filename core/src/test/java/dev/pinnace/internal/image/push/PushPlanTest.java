package dev.pinnace.internal.image.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushPlanTest {
  private static final String FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

  @TempDir private Path directory;
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

  private Descriptor put(String type, byte[] bytes) throws IOException {
    return new Descriptor(type, store.put(lease, bytes, false), bytes.length);
  }

  private StoredImage image(Descriptor... layers) throws IOException {
    Descriptor config = put(MediaTypes.CONFIG, "{}".getBytes(StandardCharsets.UTF_8));
    ImageManifest manifest =
        new ImageManifest(MediaTypes.MANIFEST, config, List.of(layers), Map.of());
    Descriptor target = put(MediaTypes.MANIFEST, ImageJsonWriter.write(manifest));
    ImageConfig unread =
        new ImageConfig(
            Optional.empty(),
            Optional.empty(),
            Platform.host(),
            ExecutionConfig.of(List.of(), List.of()),
            List.of(),
            List.of());
    return new StoredImage(target, target.digest(), manifest, unread, List.of());
  }

  @Test
  void of_foreignLayers_stayHere() throws IOException {
    Descriptor own = put(MediaTypes.LAYER, new byte[1]);
    Descriptor foreign = new Descriptor(FOREIGN, Sha256.of(new byte[2]), 2);
    StoredImage image = image(own, foreign);
    PushPlan plan = PushPlan.of(store, image, Optional.empty());
    assertThat(plan.root()).isEqualTo(image.target());
    assertThat(plan.documents()).containsExactly(image.target());
    assertThat(plan.blobs()).containsExactly(image.manifest().config(), own);
    assertThat(plan.foreign()).containsExactly(foreign);
    assertThat(plan.isPartOf(image)).isFalse();
  }

  @Test
  void of_whatHasLostABlob_saysWhatToDo() throws IOException {
    Descriptor own = put(MediaTypes.LAYER, new byte[1]);
    StoredImage image = image(own);
    Files.delete(store.path(own.digest()));
    assertThatThrownBy(() -> PushPlan.of(store, image, Optional.empty()))
        .isInstanceOf(CorruptException.class)
        .hasMessage(
            "the image "
                + image.target().digest().shortHex()
                + " has lost some of its bytes: pull or load it again");
  }

  @Test
  void of_blobOfAnotherLength_isLost() throws IOException {
    Descriptor own = put(MediaTypes.LAYER, new byte[1]);
    StoredImage image = image(new Descriptor(own.mediaType(), own.digest(), 2));
    assertThatThrownBy(() -> PushPlan.of(store, image, Optional.empty()))
        .isInstanceOf(CorruptException.class);
  }
}
