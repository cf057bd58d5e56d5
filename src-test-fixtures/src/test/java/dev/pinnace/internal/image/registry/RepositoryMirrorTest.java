package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is asked for what, where a registry has mirrors. */
@Timeout(60)
class RepositoryMirrorTest {
  private static final byte[] BLOB = new byte[3_000_000];

  static {
    new Random(1).nextBytes(BLOB);
  }

  private final TestRegistry registry = TestRegistry.start();
  private final TestRegistry mirror = TestRegistry.start();
  private final Descriptor blob =
      new Descriptor(
          MediaTypes.LAYER, Digest.parse(registry.content().putBlob("ann/tool", BLOB)), 3_000_000);
  private final RegistryClient client = client();

  private RegistryClient client(String... others) {
    mirror.content().putBlob("ann/tool", BLOB);
    Registries.Builder registries = Registries.builder().withoutDockerConfig().retries(1);
    for (String other : others) {
      registries.mirror(registry.address(), other);
    }
    registries.mirror(registry.address(), mirror.address());
    return new RegistryClient(registries.build(), Map.of("PATH", "/bin"));
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
    mirror.close();
  }

  private Repository repository(RegistryClient of) {
    return of.repository(ImageReference.parse(registry.address() + "/ann/tool"));
  }

  private static byte[] all(InputStream in) throws IOException {
    try (in) {
      return in.readAllBytes();
    }
  }

  @Test
  void mirrors_areAskedFirst_andTheRegistryAtLast() throws Exception {
    registry
        .content()
        .putImage("ann/tool", "1", "amd64", List.of(RegistryContent.Layer.plain(BLOB)));
    try (TestRegistry empty = TestRegistry.start();
        TestRegistry dead = TestRegistry.start()) {
      dead.close();
      try (RegistryClient many = client(dead.address(), empty.address())) {
        assertThat(all(repository(many).blob(blob, 0))).isEqualTo(BLOB);
        repository(many).resolve("1");
      }
      assertThat(empty.requests("GET", "/blobs/")).hasSize(1);
      assertThat(mirror.requests("GET", "/blobs/")).hasSize(1);
      assertThat(mirror.requests("GET", "/manifests/")).hasSize(1);
      assertThat(registry.requests("GET", "/blobs/")).isEmpty();
      assertThat(registry.requests("GET", "/manifests/")).hasSize(1);
    }
  }

  @Test
  void registry_thatCannotBeReached_isNamedWithItsMirrors() {
    try (TestRegistry dead = TestRegistry.start()) {
      dead.close();
      try (RegistryClient two = client(dead.address())) {
        registry.close();
        for (String deadMirror : List.of("cannot reach ", "its mirror " + dead.address())) {
          assertThatThrownBy(() -> repository(two).resolve("none"))
              .isInstanceOf(RegistryException.class)
              .hasMessageContainingAll(
                  "cannot reach http", registry.address() + ": ", deadMirror, dead.address())
              .hasMessageContaining("its mirror does not help: cannot get the manifest")
              .hasMessageContaining(mirror.address() + " answered 404");
        }
      }
    }
  }

  @Test
  void mirror_thatBreaksOffForEver_isLeftForTheRegistry() throws Exception {
    mirror.on("GET", "/blobs/", 99, wire -> wire.cutAfter(1_000));
    Repository repository = repository(client);
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(mirror.requests("GET", "/blobs/")).hasSize(2);
    assertThat(registry.requests("GET", "/blobs/"))
        .extracting(request -> request.header("Range").orElse(""))
        .containsExactly("bytes=2000-");
    assertThat(all(repository.blob(blob, 0))).isEqualTo(BLOB);
    assertThat(mirror.requests("GET", "/blobs/")).as("it is not asked again").hasSize(2);
  }

  @Test
  void mirror_ofAnotherLength_isLeftForTheRegistry() throws Exception {
    mirror.on("GET", "/blobs/", 99, wire -> wire.lie(1));
    assertThat(all(repository(client).blob(blob, 0))).isEqualTo(BLOB);
    assertThat(registry.requests("GET", "/blobs/")).hasSize(1);
  }
}
