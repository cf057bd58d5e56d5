package dev.pinnace.internal.image.push;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.json.ImageJsonWriter;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.ImageIndex;
import dev.pinnace.oci.ImageManifest;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Platform;
import java.io.IOException;
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
    return image(Platform.host(), layers);
  }

  private StoredImage image(Platform platform, Descriptor... layers) throws IOException {
    ImageConfig config =
        new ImageConfig(
            Optional.empty(),
            Optional.empty(),
            platform,
            ExecutionConfig.of(List.of(), List.of()),
            List.of(),
            List.of());
    ImageManifest manifest =
        new ImageManifest(
            MediaTypes.MANIFEST,
            put(MediaTypes.CONFIG, ImageJsonWriter.write(config)),
            List.of(layers),
            Map.of());
    Descriptor target = put(MediaTypes.MANIFEST, ImageJsonWriter.write(manifest));
    return new StoredImage(target, target.digest(), manifest, config, List.of());
  }

  /** An image that is in an index, whose entry may say what it runs on. */
  private StoredImage inIndex(StoredImage image, Optional<Platform> stated) throws IOException {
    ImageIndex index =
        new ImageIndex(MediaTypes.INDEX, List.of(image.target().on(stated)), Map.of());
    Descriptor target = put(MediaTypes.INDEX, ImageJsonWriter.write(index));
    return new StoredImage(
        target, image.manifestDigest(), image.manifest(), image.config(), List.of());
  }

  @Test
  void of_aPlatformThatTheImageIsNotFor_isRefused() throws IOException {
    StoredImage image = image(new Platform("linux", "riscv64"));
    Optional<Platform> other = Optional.of(new Platform("linux", "s390x"));
    for (StoredImage one : List.of(image, inIndex(image, Optional.empty()))) {
      assertThatThrownBy(() -> PushPlan.of(store, one, other))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("there is no image for linux/s390x here to push");
      PushPlan plan = PushPlan.of(store, one, Optional.of(image.config().platform()));
      assertThat(plan.root()).isEqualTo(image.target());
    }
  }

  /** A registry refuses an index that lists what it has not got. */
  @Test
  void of_anIndexWithWhatCannotBeUsed_isTheImage() throws IOException {
    StoredImage image = image();
    byte[] index =
        new String(store.read(inIndex(image, Optional.empty()).target().digest(), 1 << 20), UTF_8)
            .replace("[{", "[{\"digest\":\"sha512:00\",\"size\":1},{")
            .getBytes(UTF_8);
    StoredImage listed =
        new StoredImage(
            put(MediaTypes.INDEX, index),
            image.manifestDigest(),
            image.manifest(),
            image.config(),
            List.of());
    PushPlan plan = PushPlan.of(store, listed, Optional.empty());
    assertThat(plan.root()).isEqualTo(image.target());
    assertThat(plan.isPartOf(listed)).isTrue();
  }

  /** An entry may know better which variant it is for than a configuration without one. */
  @Test
  void of_aPlatformThatAnIndexStates_isTaken() throws IOException {
    StoredImage image = image(new Platform("linux", "arm"));
    Optional<Platform> stated = Optional.of(new Platform("linux", "arm", "v6"));
    PushPlan plan = PushPlan.of(store, inIndex(image, stated), stated);
    assertThat(plan.root()).isEqualTo(image.target());
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
