package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyChoiceTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "HTTPS_PROXY", "http://secure.proxy:3128",
          "http_proxy", "plain.proxy:8080",
          "NO_PROXY", "inside.example, .suffix.example");

  private static Optional<String> proxy(Map<String, String> environment, String uri) {
    return ProxyChoice.of(environment).of(Origin.of(URI.create(uri))).map(Origin::authority);
  }

  @ParameterizedTest
  @CsvSource({
    "https://r.example, secure.proxy:3128",
    "http://r.example, plain.proxy:8080",
    "https://inside.example:5000,",
    "https://deep.inside.example,",
    "https://notinside.example, secure.proxy:3128",
    "https://a.suffix.example,",
    "https://localhost:5000,",
    "https://127.1.2.3,",
    "http://[::1]:5000,",
  })
  void of_environment(String uri, String expected) {
    assertThat(proxy(ENVIRONMENT, uri)).isEqualTo(Optional.ofNullable(expected));
  }

  @Test
  void of_noEnvironment_isNone() {
    assertThat(proxy(Map.of(), "https://r.example")).isEmpty();
    assertThat(proxy(Map.of("HTTPS_PROXY", "http://p:1", "NO_PROXY", "*"), "https://r.example"))
        .isEmpty();
  }
}
