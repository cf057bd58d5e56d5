package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volumes that others change after it was looked at what they are, and before they are held. */
class VolumeRaceTest extends VolumeFixture {
  private static final VolumeSpec PLAIN = VolumeSpec.named("data");
  private static final VolumeSpec MEMORY =
      PLAIN.withOption("type", "tmpfs").withOption("device", "tmpfs");

  @AfterEach
  void stopListening() {
    FaultPoints.listen(point -> {});
  }

  /** By another engine, as of another JVM, once. */
  private static void meanwhile(Consumer<Pinnace> change) {
    AtomicBoolean done = new AtomicBoolean();
    FaultPoints.listen(
        point -> {
          if (point.equals("mounts resolved") && done.compareAndSet(false, true)) {
            try (Pinnace other =
                Pinnace.builder().root(root()).runDirectory(runDirectory()).open()) {
              change.accept(other);
            }
          }
        });
  }

  private static ContainerSpecBuilder named() {
    return shell("busybox grep ' /data ' /proc/self/mounts")
        .mount(Mount.volume("data").at("/data"));
  }

  private void refused(ContainerSpecBuilder spec) {
    assertThatThrownBy(() -> engine.containers().create(spec))
        .isInstanceOf(ConflictException.class)
        .hasMessage("volume data was made anew by others while a container was: try again");
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void volumeThatBecomesAnother_isNotMountedAsWhatItWas() {
    engine.volumes().create(PLAIN);
    meanwhile(
        other -> {
          other.volumes().get("data").remove();
          other.volumes().create(MEMORY);
        });
    refused(named());
    assertThat(run(named())).contains("tmpfs");
    meanwhile(
        other -> {
          other.volumes().get("data").remove();
          other.volumes().create(PLAIN);
        });
    refused(named());
    assertThat(run(named())).doesNotContain("tmpfs");
  }

  @Test
  void volumeThatOthersMakeFirst_isRefusedIfItIsAnother_andTakenIfNot() {
    meanwhile(other -> other.volumes().create(MEMORY));
    refused(named());
    engine.volumes().get("data").remove();
    meanwhile(other -> other.volumes().create(PLAIN));
    assertThat(run(named())).doesNotContain("tmpfs");
  }

  @Test
  void volumeThatIsDescribed_isRefusedByWhatDiffers() {
    meanwhile(other -> other.volumes().create(PLAIN));
    assertThatThrownBy(
            () -> engine.containers().create(shell("").mount(Mount.volume(MEMORY).at("/data"))))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("there is a volume data already, with the options {}, not {");
    assertThat(engine.containers().list()).isEmpty();
  }

  @Test
  void volumeThatIsRemoved_isMadeAgain() {
    engine.volumes().create(MEMORY);
    meanwhile(other -> other.volumes().get("data").remove());
    assertThat(run(named())).contains("tmpfs");
    assertThat(engine.volumes().get("data").inspect().spec().options()).isEqualTo(MEMORY.options());
  }

  @Test
  void volumeOfAnotherContainer_thatBecomesAnother_isNotTaken() {
    engine.containers().create(named().name("first"));
    meanwhile(
        other -> {
          other.containers().get("first").remove(true);
          other.volumes().get("data").remove();
          other.volumes().create(MEMORY);
        });
    assertThatThrownBy(() -> engine.containers().create(shell("").volumesFrom("first")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("volume data was removed with the container that it is taken from");
    assertThat(engine.containers().list()).isEmpty();
  }
}
