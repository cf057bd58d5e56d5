package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.Gates;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.TokenService;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client remembers of registries, and what makes it forget. */
@Timeout(120)
class ClientCachesTest {
  private static final byte[] BLOB = "a blob".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path home;
  private final TestRegistry registry = TestRegistry.start();
  private final TokenService tokens = new TokenService();
  private RegistryClient client;

  @AfterEach
  void close() {
    client.close();
    tokens.close();
    registry.close();
  }

  @BeforeEach
  void open() {
    client =
        new RegistryClient(
            Registries.builder().retries(0).build(), Map.of("HOME", home.toString()));
  }

  private boolean reads(String repository) {
    Digest digest = Digest.parse(registry.content().putBlob(repository, BLOB));
    return client
        .repository(ImageReference.parse(registry.address() + "/" + repository))
        .has(digest);
  }

  private int tokenRequests() {
    return tokens.server().requests().size();
  }

  @Test
  void token_isKeptForItsRepository_andForNoOther() {
    registry.guardedBy(tokens);
    for (int i = 0; i < 3; i++) {
      assertThat(reads("ann/one")).isTrue();
    }
    assertThat(tokenRequests()).isEqualTo(1);
    assertThat(reads("ann/two")).isTrue();
    assertThat(tokenRequests()).isEqualTo(2);
    assertThat(reads("ann/one")).isTrue();
    assertThat(tokenRequests()).isEqualTo(2);
  }

  /** One that is forgotten costs a token; without a limit the memory would grow for ever. */
  @Test
  void token_ofARepositoryLongUnused_isForgotten() {
    registry.guardedBy(tokens);
    assertThat(reads("ann/first")).isTrue();
    for (int i = 0; i < 1500; i++) {
      assertThat(reads("ann/r" + i)).isTrue();
    }
    int before = tokenRequests();
    assertThat(reads("ann/first")).isTrue();
    assertThat(tokenRequests()).isEqualTo(before + 1);
  }

  @Test
  void endpoint_isTheSameHoweverItIsWritten_untilVeryManyOthersWereUsed() {
    Endpoint first = client.endpoint("Registry.Example:5000");
    assertThat(client.endpoint("registry.example:5000")).isSameAs(first);
    for (int i = 0; i < 1000; i++) {
      assertThat(client.endpoint("r" + i + ".example")).isNotSameAs(first);
    }
    assertThat(client.endpoint("registry.example:5000")).isNotSameAs(first);
  }

  @Test
  void protocol_isAskedForOnce() {
    assertThat(reads("ann/one")).isTrue();
    assertThat(reads("ann/two")).isTrue();
    assertThat(registry.requests().stream().filter(r -> r.path().equals("/v2/"))).hasSize(1);
  }

  @Test
  void loginAndLogout_countAtOnce() {
    registry.guardedBy(Gates.basic("ann", "secret"));
    assertThatThrownBy(() -> reads("ann/one")).isInstanceOf(RegistryException.class);
    client.login(registry.address(), RegistryCredentials.of("ann", "secret"));
    assertThat(reads("ann/one")).isTrue();
    assertThat(client.logout(registry.address())).isTrue();
    assertThatThrownBy(() -> reads("ann/one")).isInstanceOf(RegistryException.class);
  }

  /** A file that somebody else has written meanwhile counts after some time, or at a login. */
  @Test
  void credentials_areReadOncePerRepository_andAgainAfterALogin() throws IOException {
    write("{\"auths\":{\"" + registry.address() + "\":{\"auth\":\"" + auth("old") + "\"}}}");
    client.close();
    open();
    registry.guardedBy(Gates.basic("ann", "old"));
    assertThat(reads("ann/one")).isTrue();
    write("{}");
    assertThat(reads("ann/one")).isTrue();
    assertThat(client.logout(registry.address())).isFalse();
    assertThatThrownBy(() -> reads("ann/one")).isInstanceOf(RegistryException.class);
  }

  private static String auth(String password) {
    return Base64.getEncoder().encodeToString(("ann:" + password).getBytes(StandardCharsets.UTF_8));
  }

  private void write(String config) throws IOException {
    Path file = Files.createDirectories(home.resolve(".docker")).resolve("config.json");
    Files.writeString(file, config);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
