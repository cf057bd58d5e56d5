package dev.pinnace.internal.image.pull;

import static dev.pinnace.fixtures.storage.TreeContent.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.image.transfer.LayerUnpacker.Filled;
import dev.pinnace.internal.layer.LayerOptions.Ownership;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log tells what is lost of a layer, where standard error is the log. */
@Needs({"root", "overlay"})
class LayerLossesTest {
  @TempDir Path directory;
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setErr(before);
  }

  /** With attributes that steer an overlay, which are left out. */
  private static ByteArrayInputStream layer(int losses) {
    LayerArchive tar = new LayerArchive().file("whole", "1");
    for (int i = 0; i < losses; i++) {
      tar.add(
          TarEntry.file("lossy" + i, 0)
              .withXattr("trusted.overlay.redirect", "/x".getBytes(StandardCharsets.US_ASCII)));
    }
    return new ByteArrayInputStream(tar.bytes());
  }

  @Test
  void unpackAndFill_warnInOneLineForALayer() throws IOException {
    try (StorageDriver driver = new OverlayProvider().open(directory, StorageOptions.DEFAULTS)) {
      DriverUnpacker unpacker = new DriverUnpacker(driver, Ownership.KEEP, Set::of);
      unpacker.unpack(digest(1), Optional.empty(), layer(0));
      assertThat(log.toString(StandardCharsets.UTF_8)).isEmpty();
      unpacker.unpack(digest(2), Optional.of(digest(1)), layer(1));
      try (Filled filled = unpacker.fill(digest(3), Optional.of(digest(2)), layer(5))) {
        filled.commit();
      }
      unpacker.unpack(digest(4), Optional.of(digest(3)), layer(200));
    }
    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .contains(digest(2) + " was unpacked with losses (1): \"lossy0\" carries")
                    .doesNotContain("..."),
            line ->
                assertThat(line)
                    .contains(digest(3) + " was unpacked with losses (5): ", "\"lossy2\"", "; ...")
                    .doesNotContain("lossy3"),
            line -> assertThat(line).contains("losses (100 or more): "));
  }
}
