package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.PullOptions;
import dev.pinnace.ScopedContainer;
import dev.pinnace.Subscription;
import dev.pinnace.Task;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.ImageReference;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What handles are called in logs and debuggers: names and short ids, nothing that was given. */
class HandlesTest extends EngineFixture {
  @Test
  void toString_ofAContainerAndWhatBelongsToIt_isItsNameAndShortId() {
    Container container = engine.containers().create(waiting().name("web").env("KEY", "secret"));
    String id = container.id().shortHex();
    assertThat(container).hasToString("container web (" + id + ")");
    assertThat(container.logs()).hasToString("log of container web (" + id + ")");
    Subscription following = container.logs().follow(line -> {});
    assertThat(following.await(Duration.ofSeconds(10))).isTrue();
    assertThat(following).hasToString("subscription to the log of container web (ended)");
    following.close();
    try (ScopedContainer scoped = engine.containers().scoped(waiting().name("scoped"))) {
      assertThat(scoped).hasToString("container scoped (" + scoped.id().shortHex() + ")");
    }
  }

  @Test
  void toString_ofAnImage_isItsNameAndShortId() {
    Image image = engine.images().get(IMAGE);
    assertThat(image).hasToString("image localhost/busy:latest (" + image.id().shortHex() + ")");
    assertThat(engine.images().host("busybox").named("x:1"))
        .hasToString("image x:1 of the host's [busybox]");
  }

  @Test
  void toString_ofAnEngine_isItsRoot() {
    Pinnace other = engine();
    assertThat(other).hasToString("engine on " + root());
    assertThat(other.containers()).hasToString("containers of " + root());
    assertThat(other.images()).hasToString("images of " + root());
    other.close();
    assertThat(other).hasToString("engine on " + root() + " (closed)");
  }

  @Test
  void toString_ofATask_isItsWork() {
    Task<Image> pull =
        engine.images().pull(ImageReference.parse("127.0.0.1:1/x:1"), PullOptions.DEFAULTS);
    assertThatThrownBy(pull::await).isInstanceOf(PinnaceException.class);
    assertThat(pull).hasToString("the pull of 127.0.0.1:1/x:1 (done)");
  }
}
