package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.Tunnel;
import dev.pinnace.fixtures.registry.WireServer;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies of the environment, and certificates. */
class TransportProxyTest extends TransportFixture {
  @Test
  void proxy_ofTheEnvironment_isAsked() throws Exception {
    try (Transport proxied = proxied("HTTP_PROXY")) {
      proxied.exchange(Request.of("GET", URI.create("http://far.example:81/x"))).discard();
      assertThat(server.requests().get(0).target()).isEqualTo("http://far.example:81/x");
      proxied.exchange(get()).discard();
      assertThat(server.requests().get(1).target()).as("on loopback").isEqualTo("/x?y=%2F");
    }
  }

  @Test
  void proxy_withUserAndPassword_isToldThem() throws Exception {
    String proxy = server.origin().replace("//", "//ann:secret@");
    try (Transport proxied =
        new Transport(
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            origin -> ofTheJvm(),
            Map.of("HTTP_PROXY", proxy, "HTTPS_PROXY", proxy))) {
      proxied.exchange(Request.of("GET", URI.create("http://far.example/x"))).discard();
      assertThat(server.requests().get(0).header("Proxy-Authorization"))
          .contains("Basic YW5uOnNlY3JldA==");
      proxied.exchange(get()).discard();
      assertThat(server.requests().get(1).header("Proxy-Authorization")).isEmpty();
      Request far = Request.of("GET", URI.create("https://far.example/x"));
      assertThatThrownBy(() -> proxied.exchange(far)).isInstanceOf(UnsupportedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {403, 407})
  void proxy_refusesTheTunnel_isSaid(int status) {
    handler = wire -> wire.answer(status);
    Request request = Request.of("GET", URI.create("https://far.example/x"));
    try (Transport proxied = proxied("HTTPS_PROXY")) {
      assertThatThrownBy(() -> new Retrying(proxied, 0).send(request))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("proxy")
          .hasMessageContaining("tunnel")
          .hasMessageContaining("" + status);
      assertThat(server.requests().get(0).method()).isEqualTo("CONNECT");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {502, 503, 504})
  void proxy_refusesTheTunnelInPassing_isAskedAgain(int passing) {
    handler = wire -> wire.answer(server.requests().size() == 1 ? passing : 403);
    Request request = Request.of("GET", URI.create("https://far.example/x"));
    try (Transport proxied = proxied("HTTPS_PROXY")) {
      assertThatThrownBy(() -> new Retrying(proxied, 3).send(request))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("tunnel (403)");
    }
    assertThat(server.requests())
        .extracting(RecordedRequest::method)
        .containsExactly("CONNECT", "CONNECT");
  }

  @Test
  void tls_certificateForAnotherName_isDistrusted(@TempDir Path directory) throws Exception {
    SelfSigned certificate = SelfSigned.make(directory);
    SSLContext authority = believing(certificate);
    try (WireServer secure = new WireServer(wire -> wire.answer(200), Optional.of(certificate));
        Tunnel proxy = new Tunnel(secure.address());
        Transport tunnelled =
            new Transport(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                origin -> authority,
                Map.of("HTTPS_PROXY", "http://" + proxy.address()))) {
      tunnelled.exchange(Request.of("GET", URI.create(secure.origin() + "/v2/"))).discard();
      assertThat(proxy.asked()).as("on loopback").isEmpty();
      Request far = Request.of("GET", URI.create("https://far.example/v2/"));
      assertThatThrownBy(() -> new Retrying(tunnelled, 3).send(far))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("not trusted")
          .hasMessageContaining("far.example");
      assertThat(proxy.asked()).containsExactly("CONNECT far.example:443 HTTP/1.1");
    }
  }

  private static SSLContext believing(SelfSigned certificate) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(certificate.pem())) {
      store.setCertificateEntry(
          "it", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private Transport proxied(String variable) {
    return new Transport(
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        origin -> ofTheJvm(),
        Map.of(variable, server.origin(), "NO_PROXY", "near.example"));
  }
}
