package dev.pinnace.internal.image.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.RegistryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Why there is no answer, for people, and whether another attempt may go better. */
class RetryingTest {
  private static final Request REQUEST =
      Request.of("GET", URI.create("https://registry.example.org:5000/v2/"));

  private static String message(IOException failure) {
    return String.valueOf(Retrying.failed(REQUEST, failure).getMessage());
  }

  private static IOException distrust() {
    IOException failure = new SSLHandshakeException("unable to find valid certification path");
    failure.initCause(new CertificateException("no path"));
    return failure;
  }

  @Test
  void distrustedCertificate_saysWhereToNameTheAuthority() {
    assertThat(message(distrust()))
        .startsWith(
            "cannot reach https://registry.example.org:5000: its certificate is not trusted")
        .contains("unable to find valid certification path")
        .contains("Registries.certificateAuthorities", "--registry-ca")
        .contains("/etc/docker/certs.d/registry.example.org:5000/ca.crt");
  }

  @Test
  void noTls_saysHowPlainHttpIsChosen() {
    assertThat(message(new SSLException("Unsupported or unrecognized SSL message")))
        .contains("it does not speak TLS as it should (Unsupported", "Registries.plainHttp");
  }

  @Test
  void otherFailures_sayWhatTheyAre() {
    assertThat(message(new BadAnswerException("SSH-2.0"))).contains("not a registry: SSH-2.0");
    assertThat(message(new SocketTimeoutException("nothing came for 1 s")))
        .contains("it is silent (nothing came for 1 s)");
    assertThat(message(new ConnectException("Connection refused"))).endsWith("Connection refused");
    assertThat(message(new IOException())).endsWith("java.io.IOException");
  }

  @Test
  void brokenOff_byAnInterrupt_isCancelled() {
    assertThat(Retrying.brokenOff("pull it", new IOException("gone")))
        .isInstanceOf(RegistryException.class)
        .hasMessage("cannot pull it: gone");
    Thread.currentThread().interrupt();
    assertThat(Retrying.brokenOff("pull it", new IOException("gone")))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void isPassing_notWhatWillBeTheSameNextTime() throws Exception {
    SSLContext unused = SSLContext.getDefault();
    try (Transport transport =
        new Transport(Duration.ofSeconds(1), Duration.ofSeconds(1), origin -> unused, Map.of())) {
      Retrying http = new Retrying(transport, 3);
      assertThat(http.isPassing(REQUEST, distrust())).isFalse();
      assertThat(http.isPassing(REQUEST, new BadAnswerException("SSH-2.0"))).isFalse();
      assertThat(http.isPassing(REQUEST, new ConnectException("refused")))
          .as("of a host that has never answered")
          .isFalse();
      assertThat(http.isPassing(REQUEST, new SocketTimeoutException("silent"))).isTrue();
    }
  }
}
