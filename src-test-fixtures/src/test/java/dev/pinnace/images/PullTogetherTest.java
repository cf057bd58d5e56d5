package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two JVMs pull the same image into one root at once: each layer comes once. */
@Needs("root")
@Timeout(180)
class PullTogetherTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private final StalledLayer large = StalledLayer.put(registry);
  private final String name = registry.address() + "/large:1";
  private final Pinnace engine = PLACE.open();

  @BeforeEach
  void stall() {
    large.stall();
  }

  @AfterEach
  void removeAll() {
    large.goOn();
    registry.behave();
    engine.images().prune(ImageFilter.all());
    engine.close();
    registry.close();
  }

  /** A second pull, which waits for what the other JVM brings. */
  private Task<Image> secondPull() throws Exception {
    Task<Image> second = engine.images().pull(ImageReference.parse(name), PullOptions.DEFAULTS);
    while (registry.requests("GET", "/manifests/").size() < 2) {
      Thread.sleep(10);
    }
    assertThatThrownBy(() -> second.await(Duration.ofMillis(500)))
        .isInstanceOf(TimedOutException.class);
    assertThat(askedFor(large.digest())).hasSize(1);
    return second;
  }

  private List<RecordedRequest> askedFor(Digest blob) {
    return registry.requests("GET", blob.toString());
  }

  private void assertIsHere(Image pulled) throws IOException {
    assertThat(engine.images().get(name).id()).isEqualTo(pulled.id());
    assertThat(engine.images().list()).hasSize(1).allMatch(image -> image.damage().isEmpty());
    try (Stream<Path> left = Files.list(PLACE.root().resolve("content/ingest"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void pull_inTwoJvms_asksForEachLayerOnce() throws Exception {
    try (ImagePeer peer = ImagePeer.start(PLACE.root(), PLACE.run(), "pull", name)) {
      large.awaitHalf(PLACE.root());
      Task<Image> second = secondPull();
      large.goOn();
      assertThat(peer.hear()).isEqualTo("done");
      assertIsHere(second.await());
    }
    assertThat(askedFor(large.digest())).hasSize(1);
    assertThat(askedFor(large.other())).hasSize(1);
  }

  @Test
  void pull_whoseJvmIsKilled_isGoneOnWithByTheOtherWhereItWas() throws Exception {
    ImagePeer peer = ImagePeer.start(PLACE.root(), PLACE.run(), "pull", name);
    Task<Image> second;
    try {
      large.awaitHalf(PLACE.root());
      second = secondPull();
    } finally {
      peer.close(); // SIGKILL
    }
    assertIsHere(second.await());
    assertThat(askedFor(large.digest()))
        .extracting(request -> request.header("Range").orElse("all").replaceFirst("[0-9]+", "N"))
        .containsExactly("all", "bytes=N-");
  }
}
