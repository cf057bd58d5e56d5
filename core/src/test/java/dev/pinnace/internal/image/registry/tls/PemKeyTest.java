package dev.pinnace.internal.image.registry.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PemKeyTest {
  @TempDir private Path directory;

  private static KeyPair pair(String algorithm) throws GeneralSecurityException {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
  }

  private Path file(String form, byte[] der) throws IOException {
    return Files.writeString(
        directory.resolve("client.key"),
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
            + "-----BEGIN "
            + form
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END "
            + form
            + "-----\n");
  }

  @ParameterizedTest
  @CsvSource({"RSA,RSA PRIVATE KEY", "EC,EC PRIVATE KEY", "Ed25519,"})
  void read_pkcs8AndTheOlderForms(String algorithm, String older) throws Exception {
    KeyPair pair = pair(algorithm);
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    assertThat(PemKey.read(file("PRIVATE KEY", pkcs8), pair.getPublic()))
        .isEqualTo(pair.getPrivate());
    if (older != null) {
      assertThat(PemKey.read(file(older, inner(pkcs8)), pair.getPublic()).getEncoded())
          .isEqualTo(pkcs8);
    }
  }

  /** The key within PKCS #8: the SEQUENCE in the OCTET STRING that comes last. */
  private static byte[] inner(byte[] pkcs8) {
    for (int at = 4; ; at++) {
      boolean octets = pkcs8[at] == 4;
      boolean isLong = octets && (pkcs8[at + 1] & 0xff) == 0x82;
      int begin = at + (isLong ? 4 : 2);
      int length =
          isLong ? (pkcs8[at + 2] & 0xff) << 8 | (pkcs8[at + 3] & 0xff) : pkcs8[at + 1] & 0xff;
      if (octets && begin + length == pkcs8.length && pkcs8[begin] == 0x30) {
        return Arrays.copyOfRange(pkcs8, begin, pkcs8.length);
      }
    }
  }

  @Test
  void read_whatIsNoKeyOfTheCertificate_namesTheFile() throws Exception {
    KeyPair pair = pair("EC");
    byte[] other = pair("EC").getPrivate().getEncoded();
    assertThatThrownBy(() -> PemKey.read(file("PRIVATE KEY", other), pair.getPublic()))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("client.key")
        .hasMessageContaining("not that of the certificate");
    assertThatThrownBy(() -> PemKey.read(file("PRIVATE KEY", new byte[9]), pair.getPublic()))
        .isInstanceOf(RegistryException.class);
    assertThatThrownBy(() -> PemKey.read(file("CERTIFICATE", other), pair.getPublic()))
        .hasMessageContaining("no private key");
    Path encrypted =
        Files.writeString(
            directory.resolve("old.key"),
            """
            -----BEGIN RSA PRIVATE KEY-----
            Proc-Type: 4,ENCRYPTED
            DEK-Info: AES-256-CBC,0

            AAAA
            -----END RSA PRIVATE KEY-----
            """);
    assertThatThrownBy(() -> PemKey.read(encrypted, pair.getPublic()))
        .hasMessageContaining("encrypted");
  }
}
