package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RecordsTest extends EngineFixture {
  @Test
  void inspect_ofWhatThisEngineWrote_isWhatAnotherReads() {
    Container container =
        engine
            .containers()
            .create(
                image(IMAGE)
                    .command("sleep", "60")
                    .label("a", "b")
                    .env("C", "d=e")
                    .mount(Mount.tmpfs().at("/t"))
                    .shmSize(Bytes.of(1 << 20))
                    .capAdd("SYS_TIME")
                    .stopSignal(Signal.INT)
                    .timeout(Duration.ofMinutes(3))
                    .restart(RestartPolicy.never()));
    try (Pinnace other = engine()) {
      assertThat(other.containers().get(container.id().hex()).inspect())
          .isEqualTo(container.inspect());
    }
  }

  @Test
  void inspect_afterAnotherEngineStartedIt_isOfTheNewRecord() {
    Container container =
        engine.containers().create(image(IMAGE).command("busybox", "sleep", "60").detached());
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.CREATED);
    try (Pinnace other = engine()) {
      Container same = other.containers().get(container.id().hex());
      same.start();
      same.stop(Duration.ZERO);
    }
    assertThat(container.inspect().status()).isEqualTo(ContainerStatus.EXITED);
  }
}
