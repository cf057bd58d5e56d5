package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ImageFilter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Containers that are removed at their end, while other engines on the root tidy up. */
class FleetingTest extends EngineFixture {
  @Test
  void scoped_thatEnded_isKeptUntilItIsClosed() {
    try (ScopedContainer scoped = engine.containers().scoped(shell("echo said; exit 3"))) {
      assertThat(scoped.await().code()).isEqualTo(3);
      engine().close();
      assertThat(scoped.logs().text()).isEqualTo("said\n");
      assertThat(scoped.inspect().exit().orElseThrow().code()).isEqualTo(3);
    }
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void scoped_restarted_isKeptUntilItIsClosed() {
    ContainerSpecBuilder fleeting = shell("echo said; exit 3").autoRemove();
    try (ScopedContainer scoped = engine.containers().scoped(fleeting)) {
      for (int i = 0; i < 5; i++) {
        scoped.await();
        scoped.restart();
      }
      assertThat(scoped.await().code()).isEqualTo(3);
      engine().close();
      assertThat(scoped.logs().text()).isEqualTo("said\n".repeat(6));
    }
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
  }

  @Test
  void oneThatRan_isListedNoMore_thoughItsRemovalTakesItsTime() {
    CountDownLatch looked = new CountDownLatch(1);
    FaultPoints.listen(
        point -> {
          if (point.equals("ended container to be removed")) {
            var unused = Uninterruptibles.awaitUninterruptibly(looked, Duration.ofSeconds(60));
          }
        });
    try {
      assertThat(engine.containers().run(shell("true")).exitCode()).isZero();
      assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
      assertThat(engine.info().containers()).isZero();
    } finally {
      looked.countDown();
      FaultPoints.listen(point -> {});
    }
  }

  @Test
  void imageOf_oneThatRan_canBeRemovedAtOnce() {
    for (int i = 0; i < 20; i++) {
      assertThat(engine.containers().run(shell("true")).exitCode()).isZero();
      assertThat(engine.images().remove(IMAGE, false).deleted()).isPresent();
      engine.images().host("busybox").named(IMAGE).build();
      assertThat(engine.containers().run(shell("true")).exitCode()).isZero();
      assertThat(engine.images().prune(ImageFilter.all()).images()).hasSize(1);
      engine.images().host("busybox").named(IMAGE).build();
    }
  }

  @Test
  void scoped_thatCannotStart_leavesNothing() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(catchThrowable(() -> engine.containers().scoped(shell("x").entrypoint("/none"))))
          .hasMessageContaining("ENOENT");
    }
    assertNothingLeft();
  }

  @Test
  void startAttached_thatEnded_isReadToItsEndWhoeverRemovesIt() {
    Container made = engine.containers().create(shell("echo said").autoRemove());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    made.startAttached(
        new byte[0],
        piece -> {
          eventually(() -> !made.inspect().status().isAlive());
          engine().close();
          out.writeBytes(piece);
        },
        piece -> {});
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("said\n");
    eventually(() -> engine.containers().find(made.name()).isEmpty());
  }
}
