package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.error.CorruptException;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mirror that goes wrong in what it gives does not stop a pull. */
@Needs("root")
@Timeout(120)
class MirrorTest {
  @TempDir private Path directory;
  private final TestRegistry registry = TestRegistry.start();
  private final TestRegistry mirror = TestRegistry.start();
  private Pinnace engine;

  @BeforeEach
  void open() throws IOException {
    engine =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .storage("vfs")
            .registries(
                Registries.builder()
                    .retries(1)
                    .mirror(registry.address(), mirror.address())
                    .withoutDockerConfig()
                    .build())
            .open();
    byte[] noise = new byte[4 << 20];
    new Random(1).nextBytes(noise);
    ImageBlobs image =
        new ImageBlobs()
            .gzipLayer(new LayerArchive().file("large", noise).bytes())
            .gzipLayer(new LayerArchive().file("small", "hello").bytes());
    image.putInto(registry.content(), "tool", "1");
    image.putInto(mirror.content(), "tool", "1");
  }

  @AfterEach
  void close() {
    engine.close();
    registry.close();
    mirror.close();
  }

  private String name() {
    return registry.address() + "/tool:1";
  }

  @Test
  void pull_mirrorGivesWrongBytes_takesThemFromTheRegistry() {
    mirror.on("GET", "/blobs/", 99, wire -> wire.wrongBytes());
    assertThat(engine.images().pull(name()).references()).containsExactly(name());
    assertThat(mirror.requests("GET", "/blobs/")).isNotEmpty();
    assertThat(registry.requests("GET", "/blobs/")).hasSize(3);
    assertThat(registry.requests("GET", "/manifests/")).as("those were right").isEmpty();
  }

  @Test
  void pull_mirrorGivesWrongBytesAndBreaksOff_beginsAnewAtTheRegistry() {
    mirror.on("GET", "/blobs/", 99, wire -> wire.wrongBytes().cutAfter(1000));
    assertThat(engine.images().pull(name()).references()).containsExactly(name());
  }

  @Test
  void pull_bothGiveWrongBytes_isCorrupt() {
    mirror.on("GET", "/blobs/", 99, wire -> wire.wrongBytes());
    registry.on("GET", "/blobs/", 99, wire -> wire.wrongBytes());
    assertThatThrownBy(() -> engine.images().pull(name())).isInstanceOf(CorruptException.class);
    registry.behave();
    assertThat(engine.images().pull(name()).references()).containsExactly(name());
  }
}
