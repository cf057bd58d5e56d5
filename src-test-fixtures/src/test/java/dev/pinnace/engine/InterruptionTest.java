package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.CancelledException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.Signal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls of a thread that is interrupted already. */
class InterruptionTest extends EngineFixture {
  @AfterEach
  void clear() {
    assertThat(Thread.interrupted()).as("the next test is not interrupted").isFalse();
  }

  @Test
  void interruptedThread_callsAreCancelledOrSucceed_andTheFlagIsKept() {
    Container container = ready(engine.containers().start(waiting().name("web")));
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("from host", () -> engine.images().fromHost("busybox", "cat"));
    calls.put("list images", () -> engine.images().list());
    calls.put("load", () -> engine.images().load(Path.of("/etc/hostname")));
    calls.put("list", () -> engine.containers().list(ContainerFilter.all()));
    calls.put("create", () -> engine.containers().create(waiting()));
    calls.put("inspect", container::inspect);
    calls.put("kill", () -> container.kill(Signal.USR2));
    calls.put("execute", () -> container.execute("busybox", "true"));
    calls.put("pause", container::pause);
    calls.put("stop", container::stop);
    calls.put("logs", () -> container.logs().text());
    calls.put("await", container::await);
    List<String> cancelled = new ArrayList<>();
    calls.forEach(
        (what, call) -> {
          Thread.currentThread().interrupt();
          Throwable thrown = catchThrowable(call::run);
          assertThat(Thread.interrupted()).as("flag after %s", what).isTrue();
          if (thrown != null) {
            cancelled.add(what);
            assertThat(thrown).as(what).isInstanceOf(CancelledException.class);
          }
        });
    assertThat(cancelled).contains("from host", "execute", "await");
    assertThat(engine.containers().get("web").name()).isEqualTo("web");
  }

  @Test
  void interruptedThread_closesAScopedContainer_andTheFlagIsKept() {
    ScopedContainer scoped = engine.containers().scoped(waiting());
    try (scoped) {
      ready(scoped);
      Thread.currentThread().interrupt();
    }
    assertThat(Thread.interrupted()).isTrue();
    assertThat(engine.containers().find(scoped.id().hex())).isEmpty();
  }
}
