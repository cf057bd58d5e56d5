package dev.pinnace.images;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.durable.FaultPoints;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An engine removes an image while another makes a container of it. */
@Needs({"root", "busybox"})
class RemovalRaceTest {
  @TempDir private Path directory;

  private Pinnace engine() {
    return Pinnace.builder()
        .root(directory.resolve("root"))
        .runDirectory(directory.resolve("run"))
        .open();
  }

  @AfterEach
  void stopListening() {
    FaultPoints.listen(point -> {});
  }

  @Test
  void remove_whileAContainerIsMade_leavesItsLayers() {
    try (Pinnace maker = engine();
        Pinnace remover = engine()) {
      maker.images().fromHost("busybox");
      AtomicBoolean removed = new AtomicBoolean();
      FaultPoints.listen(
          point -> {
            if (point.equals("renamed record") && removed.compareAndSet(false, true)) {
              remover.images().remove("localhost/host", false);
            }
          });
      Container container =
          maker.containers().create(image("localhost/host").command("busybox", "true"));
      assertThat(removed).as("the image was removed meanwhile").isTrue();
      assertThat(maker.images().list()).isEmpty();
      container.start();
      assertThat(container.await().code()).isZero();
      container.remove(false);
    }
  }
}
