package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates that a host has for a registry, where Docker and Podman look for them. */
@Timeout(60)
class CertificateDirectoryTest {
  private static SelfSigned own;
  private static SelfSigned other;

  @TempDir private Path directory;
  private TestRegistry registry;

  @BeforeAll
  static void make(@TempDir Path temporary) throws IOException {
    own = SelfSigned.make(Files.createDirectories(temporary.resolve("own")));
    other = SelfSigned.make(Files.createDirectories(temporary.resolve("other")));
  }

  @BeforeEach
  void start() {
    registry = TestRegistry.start(own);
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private Path host(String certs) throws IOException {
    return Files.createDirectories(directory.resolve(certs).resolve(registry.address()));
  }

  private boolean reads(Registries.Builder registries) {
    try (RegistryClient client =
        new RegistryClient(
            registries.withoutDockerConfig().retries(0).build(),
            Map.of("HOME", directory.resolve("home").toString()))) {
      return client
          .repository(ImageReference.parse(registry.address() + "/ann/tool"))
          .has(
              Digest.parse(
                  registry
                      .content()
                      .putBlob("ann/tool", "a blob".getBytes(StandardCharsets.UTF_8))));
    }
  }

  private Registries.Builder registries(String... names) {
    return Registries.builder()
        .certificateDirectories(
            List.of(names).stream().map(directory::resolve).toArray(Path[]::new));
  }

  @Test
  void authorities_areBelieved_ofTheFirstDirectoryThatHasTheHost() throws IOException {
    Files.copy(other.pem(), host("two").resolve("ca.crt"));
    assertThatThrownBy(() -> reads(registries("one", "two")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("not trusted");
    Files.copy(own.pem(), host("one").resolve("ca.crt"));
    assertThat(reads(registries("one", "two"))).isTrue();
    assertThat(reads(registries().certificateAuthorities(registry.address(), own.pem()))).isTrue();
    assertThatThrownBy(
            () -> reads(registries("one").certificateAuthorities(registry.address(), other.pem())))
        .as("what was named counts alone")
        .hasMessageContaining("not trusted");
  }

  @Test
  void insecure_believesAnybody_whateverTheDirectoriesHave() throws IOException {
    Files.copy(other.pem(), host("certs").resolve("ca.crt"));
    assertThatThrownBy(() -> reads(registries("certs"))).hasMessageContaining("not trusted");
    assertThat(reads(registries("certs").insecure(registry.address()))).isTrue();
  }

  @Test
  void insecure_thatSpeaksPlainHttp_isSpokenToSo() throws IOException {
    registry.close();
    registry = TestRegistry.start();
    Files.copy(own.pem(), host("certs").resolve("ca.crt"));
    assertThatThrownBy(() -> reads(registries("certs")))
        .hasMessageContainingAll("TLS", "Registries.plainHttp", "--insecure-registry");
    assertThat(reads(registries("certs").insecure(registry.address()))).isTrue();
  }

  @Test
  void directory_isThatOfTheUser_unlessOthersAreNamed() throws IOException {
    Files.copy(other.pem(), host("home/.config/containers/certs.d").resolve("ca.crt"));
    assertThatThrownBy(() -> reads(Registries.builder())).hasMessageContaining("not trusted");
    assertThat(reads(registries())).as("on loopback anybody is believed").isTrue();
  }

  @Test
  void clientCertificate_isShown() throws IOException {
    registry.close();
    registry = TestRegistry.startFor(other, own);
    assertThatThrownBy(() -> reads(registries("certs"))).isInstanceOf(RegistryException.class);
    Files.copy(own.pem(), host("certs").resolve("ca.crt"));
    assertThatThrownBy(() -> reads(registries("certs"))).isInstanceOf(RegistryException.class);
    Files.copy(other.pem(), host("certs").resolve("client.cert"));
    Files.writeString(host("certs").resolve("client.key"), other.key());
    assertThat(reads(registries("certs"))).isTrue();
    Files.delete(host("certs").resolve("ca.crt"));
    assertThat(reads(registries("certs"))).as("loopback needs no authority").isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ca.crt|garbage|cannot read the certificates in",
        "ca.crt||there is no certificate in",
        "client.cert|OWN|has no key",
        "client.key|KEY|has no client certificate",
        "client.key+|garbage|there is no private key in PEM",
        "client.key+|OTHER|not that of the certificate",
        "client.key+|-----BEGIN ENCRYPTED PRIVATE KEY----- x -----END ENCRYPTED PRIVATE KEY-----"
            + "|it is encrypted"
      })
  void badFile_isNamed(String name, String content, String why) throws IOException {
    Path host = host("certs");
    Path file = host.resolve(name.replace("+", ""));
    if (name.endsWith("+")) {
      Files.copy(own.pem(), host.resolve("client.cert"));
    }
    Files.writeString(
        file,
        switch (content == null ? "" : content) {
          case "OWN" -> Files.readString(own.pem());
          case "KEY" -> own.key();
          case "OTHER" -> other.key();
          case "" -> "";
          default -> content;
        });
    assertThatThrownBy(() -> reads(registries("certs")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
    assertThat(registry.requests()).isEmpty();
  }
}
