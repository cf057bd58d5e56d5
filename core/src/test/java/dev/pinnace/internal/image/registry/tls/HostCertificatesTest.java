package dev.pinnace.internal.image.registry.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a registry's directory of certificates that is wrong. */
class HostCertificatesTest {
  @TempDir private Path directory;

  private static void assertRefused(ThrowingCallable reading, String why) {
    assertThatThrownBy(reading).isInstanceOf(RegistryException.class).hasMessage(why);
  }

  @Test
  void read_emptyDirectory() {
    assertThat(HostCertificates.read(directory).authorities()).isEmpty();
  }

  @Test
  void read_directoryThatIsNot_saysSo() {
    Path missing = directory.resolve("missing");
    assertRefused(
        () -> HostCertificates.read(missing),
        "cannot read the certificates in " + missing + ": there is no such file");
  }

  @Test
  void read_linkToNothing_saysSo() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("ca.crt"), Path.of("missing"));
    assertRefused(
        () -> HostCertificates.read(directory),
        "cannot read the certificates in " + link + ": there is no such file");
  }

  @Test
  void read_emptyFile_hasNoCertificate() throws IOException {
    Path file = Files.createFile(directory.resolve("ca.crt"));
    assertRefused(() -> HostCertificates.read(directory), "there is no certificate in " + file);
  }

  @Test
  void read_whatIsNoCertificate_namesTheFileAndWhy() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("ca.crt"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertThatThrownBy(() -> HostCertificates.read(directory))
        .isInstanceOf(RegistryException.class)
        .hasMessageStartingWith("cannot read the certificates in " + file + ": ")
        .hasMessageNotContaining(": null");
  }

  @Test
  void read_oneOfAPair_namesTheOther() throws IOException {
    Path certificate = Files.createFile(directory.resolve("client.cert"));
    Path key = directory.resolve("client.key");
    assertRefused(
        () -> HostCertificates.read(directory),
        "the client certificate "
            + certificate
            + " has no key "
            + key
            + " beside it; authorities are in files *.crt");
    Files.move(certificate, key);
    assertRefused(
        () -> HostCertificates.read(directory),
        "the key " + key + " has no client certificate " + certificate + " beside it");
  }
}
