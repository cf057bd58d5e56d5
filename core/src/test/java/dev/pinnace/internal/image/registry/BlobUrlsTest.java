package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.image.registry.http.Transport;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Registries;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing is sent here: the addresses are none, or refused. */
class BlobUrlsTest {
  private final NotFoundException unknown = new NotFoundException("the registry lacks it");

  private Transport transport;

  @BeforeEach
  void open() throws Exception {
    SSLContext tls = SSLContext.getDefault();
    transport =
        new Transport(Duration.ofSeconds(1), Duration.ofSeconds(1), origin -> tls, Map.of());
  }

  @AfterEach
  void close() {
    transport.close();
  }

  private void open(List<String> urls) {
    Descriptor blob =
        new Descriptor(
            MediaTypes.LAYER, Sha256.of(new byte[0]), 0, Optional.empty(), Map.of(), urls);
    BlobUrls places = new BlobUrls(new Retrying(transport, 0), Registries.builder().build());
    places.open(blob, uri -> Request.of("GET", uri), "pull it", unknown).close();
  }

  @Test
  void open_asksSixteenPlacesAtMost() {
    List<String> urls = IntStream.rangeClosed(1, 17).mapToObj(i -> "no address " + i).toList();
    assertThatThrownBy(() -> open(urls))
        .isInstanceOf(RegistryException.class)
        .hasMessageStartingWith("the registry lacks it; ")
        .hasMessageContaining("\"no address 1\"")
        .hasMessageContaining("\"no address 16\"")
        .hasMessageNotContaining("\"no address 17\"");
  }

  @Test
  void open_plainHttp_isRefused() {
    assertThatThrownBy(() -> open(List.of("http://maker.example.org/layer")))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("http://maker.example.org, which is unencrypted: refused");
  }

  @Test
  void open_withoutPlaces_saysWhatTheRegistrySaid() {
    assertThatThrownBy(() -> open(List.of())).isSameAs(unknown);
  }

  @Test
  void open_addresses_cannotSteerATerminal() {
    assertThatThrownBy(() -> open(List.of("a b\u009b\u202e\n")))
        .hasMessageContaining("\"a b\\u009b\\u202e\\u000a\"");
  }
}
