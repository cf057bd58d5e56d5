package dev.pinnace.internal.image.pull;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.storage.TreeContent;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spi.storage.SnapshotTree;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A layer as {@code ctr-remote optimize} makes them (stargz-snapshotter, {@code docs/estargz.md}):
 * one gzip member for each entry, a table of contents as the last entry, a footer. Whoever does not
 * know that sees a gzip like others, and the table and the landmark as files.
 */
class EstargzTest extends PullFixture {
  private static final int BLOCK = 512;
  private static final int FOOTER = 51;

  /** An archive that goes on: without its end mark. */
  private static byte[] entry(String name, String text) {
    byte[] all = new LayerArchive().file(name, text).bytes();
    int blocks = 1 + (text.getBytes(StandardCharsets.UTF_8).length + BLOCK - 1) / BLOCK;
    return Arrays.copyOf(all, blocks * BLOCK);
  }

  private static String contents(String name, int size, int offset) {
    return "{\"name\":\""
        + name
        + "\",\"type\":\"reg\",\"size\":"
        + size
        + ",\"modtime\":\"1970-01-01T00:00:00Z\",\"mode\":420,\"offset\":"
        + offset
        + "}";
  }

  /** An empty member, which says in its extra field where the table of contents begins. */
  private static byte[] footer(int offset) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, 26, 0});
    out.writeBytes(new byte[] {'S', 'G', 22, 0});
    out.writeBytes(String.format("%016xSTARGZ", offset).getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff});
    out.writeBytes(new byte[8]);
    return out.toByteArray();
  }

  @Test
  void pull_isAPlainGzip_andItsTableAFile() {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    ByteArrayOutputStream blob = new ByteArrayOutputStream();
    List<String> table = new ArrayList<>();
    for (String name : List.of("bin", "lib", ".no.prefetch.landmark")) {
      String text = name.startsWith(".") ? "\u000f" : name.repeat(1000);
      table.add(contents(name, text.length(), blob.size()));
      byte[] entry = entry(name, text);
      tar.writeBytes(entry);
      blob.writeBytes(ImageBlobs.gzip(entry));
    }
    int offset = blob.size();
    String json = "{\"version\":1,\"entries\":[" + String.join(",", table) + "]}";
    byte[] last = new LayerArchive().file("stargz.index.json", json).bytes();
    tar.writeBytes(last);
    blob.writeBytes(ImageBlobs.gzip(last));
    byte[] footer = footer(offset);
    assertThat(footer).hasSize(FOOTER);
    blob.writeBytes(footer);

    ImageBlobs image =
        new ImageBlobs()
            .layer(MediaTypes.LAYER_GZIP, blob.toByteArray(), ImageBlobs.digest(tar.toByteArray()));
    StoredImage pulled = pull(image);
    assertThat(names(pulled))
        .containsExactly(".no.prefetch.landmark", "bin", "lib", "stargz.index.json");
    try (SnapshotTree view = driver.view(pulled.topLayer().orElseThrow());
        Dir root = Dir.open(view.path())) {
      assertThat(TreeContent.read(root, "stargz.index.json")).isEqualTo(json);
    }
    assertThat(store.content().path(image.layers().get(0).digest()))
        .as("is pushed as it came")
        .hasBinaryContent(blob.toByteArray());
  }
}
