package dev.pinnace.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.json.ImageJson;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NameTableTest {
  private static final Digest ONE = digest("one");
  private static final Digest TWO = digest("two");
  private static final Digest CHART = digest("chart");
  private static final ImageReference NAME = ImageReference.parse("docker.io/library/tool:1");

  private static Digest digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Descriptor manifest(Digest digest) {
    return new Descriptor(MediaTypes.MANIFEST, digest, 3);
  }

  private static String entry(String type, Digest digest, String annotations) {
    return "{\"mediaType\":\""
        + type
        + "\",\"digest\":\""
        + digest
        + "\",\"size\":3,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"},"
        + "\"annotations\":{"
        + annotations
        + "}}";
  }

  /** As other programs may have written it. */
  private static NameTable foreign() {
    String index =
        "{\"schemaVersion\":2,\"annotations\":{\"of\":\"index\"},\"manifests\":["
            + entry(MediaTypes.MANIFEST, ONE, "\"by\":\"umoci\"")
            + ","
            + entry(
                MediaTypes.MANIFEST,
                TWO,
                "\"by\":\"skopeo\",\"" + Descriptor.REF_NAME + "\":\"" + NAME + "\"")
            + ","
            + entry("application/vnd.example", CHART, "\"" + Descriptor.REF_NAME + "\":\"A B\"")
            + "]}";
    return read(index);
  }

  private static NameTable read(String index) {
    return NameTable.read(
        index.getBytes(StandardCharsets.UTF_8), Path.of("/root/content/index.json"));
  }

  @Test
  void entriesThatCannotBeUsed_stayAsTheyAre() {
    String large =
        "{\"mediaType\":\""
            + MediaTypes.MANIFEST
            + "\",\"digest\":\"sha512:"
            + "0".repeat(128)
            + "\",\"size\":3,\"artifactType\":\"a/b\"}";
    String odd = entry(MediaTypes.MANIFEST, TWO, "").replace("\"arm64\"", "\"\",\"n\":[1.5]");
    String index =
        "{\"schemaVersion\":2,\"manifests\":["
            + String.join(",", large, odd, entry(MediaTypes.MANIFEST, ONE, ""))
            + "]}";
    NameTable table = read(index);
    assertThat(table.images()).containsOnlyKeys(manifest(ONE));
    for (NameTable changed : List.of(table.withName(NAME, manifest(ONE)), table)) {
      assertThat(changed.withoutImage(manifest(ONE)).write())
          .asString(StandardCharsets.UTF_8)
          .contains("[" + large + "," + odd + "]");
    }
  }

  private static Map<String, String> annotations(NameTable table, Digest of) {
    List<Descriptor> entries =
        ImageJson.readIndex(table.write(), "index").manifests().stream()
            .filter(entry -> entry.digest().equals(of))
            .toList();
    assertThat(entries).singleElement().satisfies(e -> assertThat(e.platform()).isPresent());
    return entries.get(0).annotations();
  }

  @Test
  void with_isWithNameForEach() {
    List<ImageReference> names = List.of(NAME, ImageReference.parse("docker.io/library/other:1"));
    for (Digest target : List.of(ONE, TWO, CHART)) {
      NameTable each = foreign();
      for (ImageReference name : names) {
        each = each.withName(name, manifest(target));
      }
      NameTable all = foreign().with(Map.of(manifest(target), names));
      assertThat(all.images()).isEqualTo(each.images());
    }
    assertThat(annotations(foreign().withName(NAME, manifest(ONE)), ONE))
        .containsEntry("by", "umoci");
    assertThat(foreign().with(Map.of(manifest(ONE), List.of())).write())
        .isEqualTo(foreign().write());
  }

  @Test
  void images_leaveOutWhatIsNone() {
    assertThat(foreign().images()).containsOnlyKeys(manifest(ONE), manifest(TWO));
    assertThat(foreign().images().get(manifest(TWO))).containsExactly(NAME);
  }

  @Test
  void withName_keepsWhatOthersWrote() {
    NameTable changed = foreign().withName(NAME, manifest(ONE));
    assertThat(annotations(changed, ONE))
        .containsOnly(Map.entry("by", "umoci"), Map.entry(Descriptor.REF_NAME, NAME.toString()));
    assertThat(annotations(changed, TWO)).containsOnly(Map.entry("by", "skopeo"));
    assertThat(annotations(changed, CHART)).containsEntry(Descriptor.REF_NAME, "A B");
    assertThat(changed.find(NAME)).contains(manifest(ONE));
    assertThat(ImageJson.readIndex(changed.write(), "index").annotations())
        .containsEntry("of", "index");
    NameTable again = changed.withName(NAME, manifest(ONE));
    assertThat(annotations(again, ONE)).containsEntry("by", "umoci").hasSize(2);
  }

  @Test
  void with_severalThatWantOneName_theLastHasIt() {
    Descriptor three = manifest(digest("three"));
    Descriptor four = manifest(digest("four"));
    Map<Descriptor, List<ImageReference>> wanted = new LinkedHashMap<>();
    wanted.put(three, List.of(NAME));
    wanted.put(four, List.of(NAME));
    Map<Descriptor, List<ImageReference>> images = foreign().with(wanted).images();
    assertThat(images).containsOnlyKeys(manifest(ONE), manifest(TWO), three, four);
    assertThat(images.get(four)).containsExactly(NAME);
    assertThat(images.get(three)).isEmpty();
    assertThat(images.get(manifest(TWO))).isEmpty();
  }

  @Test
  void withoutName_leavesTheOthers() {
    NameTable changed = foreign().withoutName(NAME);
    assertThat(changed.images()).containsOnlyKeys(manifest(ONE));
    assertThat(annotations(changed, CHART)).hasSize(1);
  }

  @Test
  void read_damaged_saysWhereItIsAndWhatToDo() {
    assertThatThrownBy(() -> read("{\"schemaVersion\":2,\"manifests\":["))
        .isInstanceOf(CorruptException.class)
        .hasMessageStartingWith("/root/content/index.json is not a usable JSON document: ")
        .hasMessageContaining("line: 1, column: ")
        .hasMessageEndingWith("delete it and load the images again: containers keep theirs")
        .hasMessageNotContaining("Source");
  }
}
