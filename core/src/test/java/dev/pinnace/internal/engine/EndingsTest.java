package dev.pinnace.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CancelledException;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.IsolationBackend;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class EndingsTest {
  @Test
  void awaitRelease_interrupted_isCancelledAndTheFlagIsKept() {
    IsolationBackend alive =
        (IsolationBackend)
            Proxy.newProxyInstance(
                EndingsTest.class.getClassLoader(),
                new Class<?>[] {IsolationBackend.class},
                (proxy, method, arguments) -> true);
    ContainerPlace place = new ContainerPlace("c", Path.of("/c"), Path.of("/r"));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Endings.awaitRelease(alive, place))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
