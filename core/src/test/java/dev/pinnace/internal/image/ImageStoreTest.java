package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageStoreTest extends ImageStoreFixture {
  private static byte[] other(String name) {
    return new TestTar()
        .file("1.tar", LAYER_1)
        .file("c.json", config("bash", LAYER_1))
        .file("manifest.json", "[" + entry("c.json", "\"" + name + "\"", "1.tar") + "]")
        .bytes();
  }

  @Test
  void tagAndRemove_asDockerDoes() throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    store.tag("tool", ImageReference.parse("ghcr.io/ann/copy"));
    assertThat(store.get("ghcr.io/ann/copy").id()).isEqualTo(image.id());
    assertThatThrownBy(() -> store.remove(image.id().shortHex(), false, any -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("ghcr.io/ann/copy:latest");
    assertThat(store.remove("tool:1", false, any -> {}).deleted()).isEmpty();
    assertThat(store.remove("ghcr.io/ann/copy", false, any -> {}).deleted()).isEmpty();
    assertThat(store.remove("tool", false, any -> {}).deleted()).contains(image.id());
    assertThat(store.list()).isEmpty();
    assertThatThrownBy(() -> store.get("tool")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void remove_byRepositoryAndDigest_takesNoNamesOfOthers() throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    String digest = "@" + image.manifestDigest();
    store.tag("tool", ImageReference.parse("ghcr.io/ann/copy:1"));
    store.tag("tool", ImageReference.parse("ghcr.io/bob/copy:1"));
    ImageStore.Removal one = store.remove("ghcr.io/ann/copy" + digest, true, any -> {});
    assertThat(one.untagged()).containsExactly(ImageReference.parse("ghcr.io/ann/copy:1"));
    assertThat(one.deleted()).isEmpty();
    assertThatThrownBy(() -> store.remove("tool" + digest, false, any -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("(tool:1, tool:latest): remove them one by one");
    assertThat(store.remove("tool:1" + digest, false, any -> {}).untagged())
        .containsExactly(ImageReference.parse("tool:1"));
    store.tag("tool", ImageReference.parse("tool:2"));
    assertThat(store.remove("tool" + digest, true, any -> {}).untagged())
        .containsExactlyInAnyOrder(
            ImageReference.parse("tool:latest"), ImageReference.parse("tool:2"));
    assertThat(store.get(image.id().toString()).names())
        .containsExactly(ImageReference.parse("ghcr.io/bob/copy:1"));
    assertThat(store.remove("ghcr.io/bob/copy" + digest, false, any -> {}).deleted())
        .contains(image.id());
    assertThat(store.list()).isEmpty();
  }

  /** One configuration in two manifests, whose layers are compressed or not. */
  private StoredImage loadTwice() throws IOException {
    StoredImage plain = load(dockerArchive()).get(0);
    byte[] config = utf8(config("sh", LAYER_1, LAYER_2));
    byte[] one = gzip(LAYER_1);
    byte[] two = gzip(LAYER_2);
    byte[] manifest =
        utf8(
            "{\"schemaVersion\":2,\"config\":"
                + descriptor(OCI + "config.v1+json", config, "")
                + ",\"layers\":["
                + descriptor(OCI + "layer.v1.tar+gzip", one, "")
                + ","
                + descriptor(OCI + "layer.v1.tar+gzip", two, "")
                + "]}");
    String name = ",\"annotations\":{\"io.containerd.image.name\":\"ghcr.io/ann/zipped:1\"}";
    byte[] index = index(descriptor(OCI + "manifest.v1+json", manifest, name));
    StoredImage zipped = load(layout(index, config, one, two, manifest).bytes()).get(0);
    assertThat(zipped.id()).isEqualTo(plain.id());
    assertThat(zipped.manifestDigest()).isNotEqualTo(plain.manifestDigest());
    return plain;
  }

  @Test
  void remove_byAnIdOfTwoManifests_takesBothOrNone() throws IOException {
    String id = loadTwice().id().shortHex();
    assertThatThrownBy(() -> store.remove(id, false, any -> {}))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("tool:1")
        .hasMessageContaining("ghcr.io/ann/zipped:1");
    assertThat(store.list()).hasSize(2);
    ImageStore.Removal removal = store.remove(id, true, any -> {});
    assertThat(removal.untagged())
        .extracting(ImageReference::familiar)
        .containsExactlyInAnyOrder("tool:1", "tool:latest", "ghcr.io/ann/zipped:1");
    assertThat(removal.deleted()).isPresent();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void remove_ofTheLastNameOfOneOfTwoManifests_deletesNoId() throws IOException {
    StoredImage plain = loadTwice();
    assertThat(store.remove("ghcr.io/ann/zipped:1", false, any -> {}).deleted()).isEmpty();
    assertThat(store.get(plain.id().shortHex()).names()).isEqualTo(plain.names());
    store.remove("tool:1", false, any -> {});
    assertThat(store.remove("tool", false, any -> {}).deleted()).contains(plain.id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a-name-that-has-as-many-characters-as-an-id-but-is-none-00000000",
        "sha256:mine",
      })
  void remove_byANameLikeAnId_takesThatNameAlone(String name) throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    store.tag("tool:1", ImageReference.parse(name));
    ImageStore.Removal removal = store.remove(name, true, any -> {});
    assertThat(removal.untagged()).containsExactly(ImageReference.parse(name).withDefaultTag());
    assertThat(removal.deleted()).isEmpty();
    assertThat(store.get("tool:1").names()).hasSize(2).isEqualTo(image.names());
  }

  @Test
  void remove_ofANameThatMovesMeanwhile_isDecidedAnew() throws IOException {
    StoredImage old = load(dockerArchive()).get(0);
    byte[] next =
        new TestTar()
            .file("1.tar", LAYER_1)
            .file("c.json", config("bash", LAYER_1))
            .file("manifest.json", "[" + entry("c.json", "\"next:1\"", "1.tar") + "]")
            .bytes();
    StoredImage young = load(next).get(0);
    List<Digest> checked = new ArrayList<>();
    ImageStore.Removal removal =
        store.remove(
            "tool:1",
            false,
            image -> {
              checked.add(image.id());
              if (checked.size() == 1) {
                StoredImage unused = store.tag("next:1", ImageReference.parse("tool:1"));
              }
            });
    assertThat(checked).containsExactly(old.id(), young.id());
    assertThat(removal.deleted()).isEmpty();
    assertThat(store.get("next:1").id()).isEqualTo(young.id());
    assertThatThrownBy(() -> store.get("tool:1")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void load_movesNamesAndKeepsTheLoserNameless() throws IOException {
    StoredImage old = load(dockerArchive()).get(0);
    byte[] next =
        new TestTar()
            .file("1.tar", LAYER_1)
            .file("c.json", config("bash", LAYER_1))
            .file("manifest.json", "[" + entry("c.json", "\"tool:1\",\"tool\"", "1.tar") + "]")
            .bytes();
    StoredImage young = load(next).get(0);
    assertThat(store.get("tool").id()).isEqualTo(young.id());
    assertThat(store.get(old.id().shortHex()).names()).isEmpty();
    assertThat(store.list()).hasSize(2);
    assertThat(store.remove(old.id().shortHex(), false, any -> {}).deleted()).contains(old.id());
    store.collect();
    assertThat(unpacker.list()).containsExactlyElementsOf(young.config().chainIds());
    assertThat(store.get("tool").names()).hasSize(2);
  }

  @Test
  void collect_keepsWhatIsReachableLeasedOrInUse() throws IOException {
    StoredImage image = load(dockerArchive()).get(0);
    assertThat(store.collect()).isZero();
    store.remove(image.id().toString(), true, any -> {});
    try (var lease = store.content().lease()) {
      lease.pin(image.manifestDigest());
      lease.pin(image.config().chainIds().get(1));
      store.collect();
      assertThat(store.content().has(image.manifestDigest())).isTrue();
      assertThat(store.content().has(image.id())).isFalse();
      assertThat(unpacker.list()).hasSize(2); // the upper layer is pinned, the lower one below it
    }
    inUse.addAll(image.config().chainIds().subList(0, 1));
    store.collect();
    inUse.clear();
    assertThat(unpacker.list()).containsExactly(image.config().chainIds().get(0));
    store.collect();
    assertThat(unpacker.list()).isEmpty();
    assertThat(directory.resolve("root/content/blobs/sha256")).isEmptyDirectory();
  }

  @Test
  @Timeout(30)
  void collect_whileFilesAreDeleted_keepsNobodyWaiting() throws IOException {
    store.remove(load(dockerArchive()).get(0).id().toString(), true, any -> {});
    load(other("tool:2"));
    AtomicInteger deletions = new AtomicInteger();
    unpacker.whenDeleting(
        () -> {
          store.lease().close();
          StoredImage unused = store.tag("tool:2", ImageReference.parse("copy:2"));
          deletions.incrementAndGet();
        });
    store.collect();
    assertThat(deletions).hasValue(1);
    assertThat(store.get("copy:2").names()).hasSize(2);
  }

  @Test
  void tag_ofWhatIsRemovedMeanwhile_isRefused() throws IOException {
    load(dockerArchive());
    StoredImage image = load(other("tool:2")).get(0);
    FaultPoints.listen(
        point -> {
          if (point.equals("image to tag found")) {
            store.remove("tool:2", false, any -> {});
            store.collect();
          }
        });
    assertThatThrownBy(() -> store.tag("tool:2", ImageReference.parse("copy:2")))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("tool:2");
    assertThat(store.content().has(image.manifestDigest())).isFalse();
    assertThat(store.list()).hasSize(1);
    assertThatThrownBy(() -> store.get("copy:2")).isInstanceOf(NotFoundException.class);
  }

  @Test
  void open_twoStoresOverOneRootSeeEachOther() throws IOException {
    ImageStore second = ImageStore.open(directory.resolve("root"), unpacker, Set::of);
    StoredImage image = load(dockerArchive()).get(0);
    assertThat(second.get("tool:1")).isEqualTo(store.get("tool:1"));
    second.remove(image.id().toString(), true, any -> {});
    assertThat(store.find("tool:1")).isEmpty();
  }
}
