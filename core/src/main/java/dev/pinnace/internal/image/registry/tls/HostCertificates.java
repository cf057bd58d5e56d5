package dev.pinnace.internal.image.registry.tls;

import dev.pinnace.error.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * What is in the directory of a registry: {@code *.crt} are authorities that are believed besides
 * those that the JVM trusts, {@code NAME.cert} with {@code NAME.key} is shown to the registry when
 * it asks. Everything in PEM.
 */
record HostCertificates(List<Certificate> authorities, List<Identity> identities) {
  private static final String AUTHORITY = ".crt";
  private static final String CERTIFICATE = ".cert";
  private static final String KEY = ".key";

  /**
   * Who we are.
   *
   * @param chain our own certificate, then that of who signed it and so on
   */
  record Identity(PrivateKey key, List<Certificate> chain) {}

  /**
   * Reads a directory.
   *
   * @throws RegistryException naming the file that is wrong
   */
  static HostCertificates read(Path directory) {
    List<Certificate> authorities = new ArrayList<>();
    List<Identity> identities = new ArrayList<>();
    for (Path file : files(directory)) {
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(AUTHORITY)) {
        authorities.addAll(certificates(file));
      } else if (name.endsWith(CERTIFICATE)) {
        Path key = beside(file, CERTIFICATE, KEY);
        if (!Files.exists(key)) {
          throw new RegistryException(
              "the client certificate "
                  + file
                  + " has no key "
                  + key
                  + " beside it; authorities are in files *.crt",
              null);
        }
        List<Certificate> chain = certificates(file);
        identities.add(new Identity(PemKey.read(key, chain.get(0).getPublicKey()), chain));
      } else if (name.endsWith(KEY) && !Files.exists(beside(file, KEY, CERTIFICATE))) {
        throw new RegistryException(
            "the key "
                + file
                + " has no client certificate "
                + beside(file, KEY, CERTIFICATE)
                + " beside it",
            null);
      }
    }
    return new HostCertificates(List.copyOf(authorities), List.copyOf(identities));
  }

  private static Path beside(Path file, String ending, String other) {
    String name = String.valueOf(file.getFileName());
    return file.resolveSibling(name.substring(0, name.length() - ending.length()) + other);
  }

  private static List<Path> files(Path directory) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      all.forEach(files::add);
    } catch (IOException failure) {
      throw new RegistryException(
          "cannot read the certificates in " + directory + ": " + reason(failure), failure);
    }
    files.sort(null);
    return files;
  }

  /** All certificates of a file, at least one. */
  static List<Certificate> certificates(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (found.isEmpty()) {
        throw new RegistryException("there is no certificate in " + file, null);
      }
      return found;
    } catch (IOException | CertificateException failure) {
      throw new RegistryException(
          "cannot read the certificates in " + file + ": " + reason(failure), failure);
    }
  }

  /** The JDK says of many failures nothing but the file. */
  private static String reason(Exception failure) {
    if (failure instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    return String.valueOf(failure.getMessage());
  }
}
