package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Loads of OCI image layouts. */
class ImageStoreLayoutTest extends ImageStoreFixture {
  private static byte[] manifest(byte[] config, byte[] layer) {
    return utf8(
        "{\"schemaVersion\":2,\"config\":"
            + descriptor(OCI + "config.v1+json", config, "")
            + ",\"layers\":["
            + descriptor(OCI + "layer.v1.tar+gzip", layer, "")
            + "]}");
  }

  @Test
  void load_ociLayoutChoosesThePlatformAndKeepsTheIndex() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    byte[] absent = utf8("{}");
    byte[] nested =
        index(
            descriptor(
                OCI + "manifest.v1+json",
                absent,
                ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}"),
            descriptor(
                OCI + "manifest.v1+json",
                absent,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}"),
            descriptor(
                OCI + "manifest.v1+json",
                manifest,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"riscv64\"}"));
    byte[] top =
        index(
            descriptor(
                OCI + "index.v1+json",
                nested,
                ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1.0\"}"));
    Files.write(archive, layout(top, layer, config, manifest, nested).bytes());
    StoredImage image = store.load(archive, Platform.parse("linux/riscv64")).get(0);
    assertThat(image.target().digest()).isEqualTo(Sha256.of(nested));
    assertThat(image.manifestDigest()).isEqualTo(Sha256.of(manifest));
    assertThat(image.names())
        .extracting(ImageReference::familiar)
        .containsExactly("localhost/my-image:1.0");
    assertThat(store.get("localhost/my-image@" + Sha256.of(nested)).id()).isEqualTo(image.id());
    store.collect();
    assertThat(store.get("localhost/my-image:1.0").id()).isEqualTo(Sha256.of(config));
    assertThatThrownBy(() -> store.load(archive, Platform.parse("linux/ppc64le")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContainingAll("linux/ppc64le", "linux/s390x, linux/riscv64");
  }

  @Test
  void load_bareTagOfWhatHasNoFileName_isNoName() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    String latest = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}";
    byte[] top = index(descriptor(OCI + "manifest.v1+json", manifest, latest));
    Files.write(archive, layout(top, layer, config, manifest).bytes());
    assertThat(store.load(new ByteArrayInputStream(Files.readAllBytes(archive))).get(0).names())
        .isEmpty();
    assertThat(store.list()).hasSize(1);
    assertThat(store.load(archive, Platform.host()).get(0).names())
        .extracting(ImageReference::familiar)
        .containsExactly("localhost/my-image:latest");
    assertThat(store.load(new ByteArrayInputStream(Files.readAllBytes(archive))).get(0).names())
        .as("names that the archive does not have")
        .isEmpty();
  }

  @Test
  void load_forAPlatform_takesNothingElse() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    String type = OCI + "manifest.v1+json";
    String named = ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"latest\"}";
    String arm = ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}";
    byte[][] archives = {
      dockerArchive(),
      layout(index(descriptor(type, manifest, "")), layer, config, manifest).bytes(),
      layout(index(descriptor(type, manifest, named)), layer, config, manifest).bytes(),
      layout(index(descriptor(type, manifest, arm)), layer, config, manifest).bytes(),
    };
    for (byte[] bytes : archives) {
      Files.write(archive, bytes);
      for (Executable load :
          List.<Executable>of(
              () -> store.load(archive, Platform.parse("linux/s390x")),
              () -> store.load(new ByteArrayInputStream(bytes), Platform.parse("linux/s390x")))) {
        assertThatThrownBy(load::execute)
            .isInstanceOf(NotFoundException.class)
            .hasMessageContaining("linux/s390x");
        assertThat(store.list()).isEmpty();
      }
    }
    assertThat(store.load(archive, Platform.parse("linux/arm64"))).as("as stated").hasSize(1);
    Files.write(archive, archives[0]);
    assertThat(store.load(archive, Platform.parse("linux/amd64"))).hasSize(1);
  }

  @Test
  void load_emptyStream_isSaid() throws IOException {
    Files.write(archive, new byte[0]);
    assertThatThrownBy(() -> store.load(new ByteArrayInputStream(Files.readAllBytes(archive))))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("the stream is not an image archive: it is empty");
  }

  @Test
  void load_ociLayoutRefusesLies() throws IOException {
    byte[] layer = gzip(LAYER_1);
    byte[] config = utf8(config("sh", LAYER_1));
    byte[] manifest = manifest(config, layer);
    String entry = descriptor(OCI + "manifest.v1+json", manifest, "");
    byte[] damaged = layer.clone();
    damaged[damaged.length - 12] ^= 1;
    TestTar wrongDigest =
        layout(index(entry), config, manifest)
            .file("blobs/sha256/" + Sha256.of(layer).hex(), damaged);
    assertRefused(wrongDigest.bytes(), CorruptException.class, "layer " + sha(layer));
    TestTar tooShort =
        layout(index(entry), config, manifest)
            .file("blobs/sha256/" + Sha256.of(layer).hex(), gzip(LAYER_2));
    assertRefused(
        tooShort.bytes(), CorruptException.class, "layer " + sha(layer), "descriptor says");
    TestTar swapped =
        layout(index(entry), layer, manifest)
            .file("blobs/sha256/" + Sha256.of(config).hex(), utf8(config("rm", LAYER_1)));
    assertRefused(swapped.bytes(), CorruptException.class, "has the digest", sha(config));
    assertRefused(
        layout(index(entry), layer, manifest).bytes(),
        CorruptException.class,
        "has no file blobs/sha256/");
    byte[] both =
        utf8(
            new String(manifest, StandardCharsets.UTF_8).replaceFirst("\\{", "{\"manifests\":[],"));
    assertRefused(
        layout(index(descriptor(OCI + "manifest.v1+json", both, "")), layer, config, both).bytes(),
        CorruptException.class,
        "two kinds of document");
    byte[] lying = manifest(utf8(config("sh", LAYER_2)), layer);
    assertRefused(
        layout(
                index(descriptor(OCI + "manifest.v1+json", lying, "")),
                layer,
                utf8(config("sh", LAYER_2)),
                lying)
            .bytes(),
        CorruptException.class,
        "diffID");
    byte[] nest = index(entry);
    byte[][] all = {layer, config, manifest, nest};
    for (int i = 0; i < 6; i++) {
      nest = index(descriptor(OCI + "index.v1+json", nest, ""));
      all = Arrays.copyOf(all, all.length + 1);
      all[all.length - 1] = nest;
    }
    assertRefused(layout(nest, all).bytes(), CorruptException.class, "deeper than");
  }
}
