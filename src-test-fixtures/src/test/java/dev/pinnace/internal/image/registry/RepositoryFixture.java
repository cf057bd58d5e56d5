package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.CancelledException;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A client and a registry on loopback. */
@Timeout(60)
abstract class RepositoryFixture {
  static final byte[] BLOB = new byte[3_000_000];

  static {
    new Random(1).nextBytes(BLOB);
  }

  final TestRegistry registry = TestRegistry.start();
  RegistryClient client = client(Registries.builder().build());

  RegistryClient client(Registries registries) {
    return new RegistryClient(
        registries.toBuilder().withoutDockerConfig().build(), Map.of("PATH", "/bin"));
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  Repository repository() {
    return client.repository(ImageReference.parse(registry.address() + "/ann/tool"));
  }

  void with(Registries.Builder registries) {
    client.close();
    client = client(registries.build());
  }

  String putManifest() {
    return registry
        .content()
        .putImage("ann/tool", "1", "amd64", List.of(RegistryContent.Layer.plain(BLOB)));
  }

  static void assertCancelled(Runnable work) throws Exception {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                failure.set(e);
              }
              flag.complete(Thread.currentThread().isInterrupted());
            });
    thread.start();
    Thread.sleep(300);
    thread.interrupt();
    assertThat(flag.get(2, TimeUnit.SECONDS)).isTrue();
    assertThat(failure.get()).isInstanceOf(CancelledException.class);
  }
}
