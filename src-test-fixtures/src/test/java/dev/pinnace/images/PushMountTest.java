package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Pinnace;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.TokenService;
import dev.pinnace.spec.ImageFilter;
import dev.pinnace.spec.ImportSpec;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Taking blobs from another repository saves their upload, and costs nothing where it is refused.
 */
@Needs("root")
@Timeout(60)
class PushMountTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final TestRegistry registry = TestRegistry.start();
  private final TokenService tokens = new TokenService();
  private Pinnace engine;

  @BeforeEach
  void open() {
    engine = PLACE.open();
    engine
        .images()
        .importTar(
            new ByteArrayInputStream(new LayerArchive().file("file", "content").bytes()),
            ImportSpec.named(name("base/os")));
    engine.images().tag(name("base/os"), name("me/app"));
    registry.guardedBy(tokens);
  }

  @AfterEach
  void close() {
    engine.images().prune(ImageFilter.all());
    engine.close();
    tokens.close();
    registry.close();
  }

  private String name(String path) {
    return registry.address() + "/" + path + ":1";
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404})
  void push_noTokenForTheRepositoryToTakeBlobsFrom_uploads(int status) {
    tokens.refusing("base/os", status);
    String digest = engine.images().push(name("me/app")).toString();
    assertThat(registry.content().manifest("me/app", "1"))
        .hasValueSatisfying(
            manifest -> assertThat(RegistryContent.digest(manifest.bytes())).isEqualTo(digest));
    assertThat(registry.requests("POST", "from=")).isEmpty();
    assertThat(registry.requests("POST", "/v2/me/app/blobs/uploads/")).hasSize(2);
  }

  @Test
  void push_noTokenForItsOwnRepository_fails() {
    tokens.refusing("me/app", 403);
    assertThatThrownBy(() -> engine.images().push(name("me/app")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("a token (status 403)");
    assertThat(registry.content().manifest("me/app", "1")).isEmpty();
  }
}
