package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyChoiceTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "HTTPS_PROXY", "http://secure.proxy:3128",
          "HTTP_PROXY", "",
          "http_proxy", "plain.proxy:8080",
          "NO_PROXY",
              "inside.example, .suffix.example,*.star.example,with.port:5000,10.1.2.3,"
                  + "10.2.0.0/15,fd00::/8,[fd11::1]:81,fe80::1,nonsense/8,10.0.0.0/99,:1,");

  private static Optional<HttpProxy> proxy(Map<String, String> environment, String uri) {
    return ProxyChoice.of(environment).of(Origin.of(URI.create(uri)));
  }

  @ParameterizedTest
  @CsvSource({
    "https://r.example, secure.proxy:3128",
    "http://r.example, plain.proxy:8080",
    "https://inside.example:5000,",
    "https://deep.inside.example,",
    "https://notinside.example, secure.proxy:3128",
    "https://a.suffix.example,",
    "https://suffix.example, secure.proxy:3128",
    "https://a.star.example,",
    "https://star.example, secure.proxy:3128",
    "https://with.port:5000,",
    "https://with.port, secure.proxy:3128",
    "https://10.1.2.3:5000,",
    "https://10.1.2.4, secure.proxy:3128",
    "https://10.3.255.255,",
    "https://10.4.0.0, secure.proxy:3128",
    "https://[fdff::1]:5000,",
    "https://[fe80:0:0::1],",
    "https://[fe80::2], secure.proxy:3128",
    "http://[fd11::1]:81,",
    "https://localhost:5000,",
    "https://127.1.2.3,",
    "http://[::1]:5000,",
  })
  void of_environment(String uri, String expected) {
    assertThat(proxy(ENVIRONMENT, uri).map(HttpProxy::toString))
        .isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void of_noEnvironment_isNone() {
    assertThat(proxy(Map.of(), "https://r.example")).isEmpty();
    assertThat(proxy(Map.of("HTTPS_PROXY", "http://p:1", "NO_PROXY", "*"), "https://r.example"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "http://ann:secret@p.example:3128, p.example:3128, ann:secret",
    "HTTP://ann@p_1/, p_1:80, ann:",
    "a%40b:c%3Ad+e@[fd00::1]:1, fd00::1:1, a@b:c:d+e",
  })
  void of_userAndPassword_areKept(String value, String address, String user) {
    HttpProxy proxy = proxy(Map.of("http_proxy", value), "http://r.example").orElseThrow();
    assertThat(proxy).hasToString(address);
    byte[] plain = user.getBytes(StandardCharsets.UTF_8);
    assertThat(proxy.authorizationFor(Origin.of(URI.create("http://r.example"))))
        .contains("Basic " + Base64.getEncoder().encodeToString(plain));
  }

  @Test
  void authorizationFor_tlsWithoutTheJvmsLeave_isRefused() {
    HttpProxy proxy =
        proxy(Map.of("HTTPS_PROXY", "http://ann:secret@p:1"), "https://r.example").orElseThrow();
    assertThatThrownBy(() -> proxy.authorizationFor(Origin.of(URI.create("https://r.example"))))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("-Djdk.http.auth.tunneling.disabledSchemes=")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "socks5://ann:secret@p:1080",
        "https://p:3129",
        "http://",
        "http://p:port",
        "http://p:99999",
        "http://ann:sec/ret@p:1",
        "http://ann:secret%@p:1",
        "p p",
      })
  void of_whatIsNoProxy_namesTheVariable(String value) {
    assertThatThrownBy(() -> proxy(Map.of("https_proxy", value), "https://r.example"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("https_proxy=")
        .hasMessageContaining("write http://HOST:PORT")
        .hasMessageNotContaining("sec");
    assertThat(proxy(Map.of("https_proxy", value), "http://r.example")).isEmpty();
  }
}
