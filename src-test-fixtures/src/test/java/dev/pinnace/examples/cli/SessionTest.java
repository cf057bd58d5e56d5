package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Being attached to a container whose supervisor is slow, if it answers at all. */
@Timeout(60)
class SessionTest {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  private final Attachment stuck =
      new Attachment() {
        @Override
        public void resize(TerminalSize size) {
          asked.countDown();
          awaitClosed();
        }

        @Override
        public Detachment await() {
          awaitClosed();
          return Detachment.CLOSED;
        }

        @Override
        public void close() {
          closed.countDown();
        }

        private void awaitClosed() {
          try {
            closed.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        }
      };

  @Test
  void leave_whileASizeIsTold_doesNotWaitForThat() throws Exception {
    Container container =
        (Container)
            Proxy.newProxyInstance(
                Container.class.getClassLoader(),
                new Class<?>[] {Container.class},
                (self, method, arguments) -> stuck);
    Session session =
        new Session(
            container,
            false,
            true,
            DetachKeys.parse(DetachKeys.USUAL),
            () -> Optional.of(new TerminalSize(30, 90)),
            new PrintWriter(new StringWriter()));
    CompletableFuture<Detachment> staying = CompletableFuture.supplyAsync(session::attach);
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
    session.leave();
    assertThat(staying.get(30, TimeUnit.SECONDS)).isEqualTo(Detachment.CLOSED);
  }
}
