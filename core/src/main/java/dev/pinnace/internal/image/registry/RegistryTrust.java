package dev.pinnace.internal.image.registry;

import dev.pinnace.internal.image.registry.http.Loopback;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Trust;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Believes certificates as {@link Registries} says: of the authorities that were named for a
 * registry, of anybody on loopback, where plain HTTP would do as well, else as the JVM does.
 */
final class RegistryTrust implements Trust {
  private final Registries registries;
  private final Map<Path, SSLContext> contexts = new ConcurrentHashMap<>();
  private @Nullable SSLContext everybody;

  RegistryTrust(Registries registries) {
    this.registries = registries;
  }

  @Override
  public SSLContext of(Origin origin) throws IOException {
    Optional<Path> authorities =
        registries
            .certificateAuthorities(origin.authority())
            .or(() -> registries.certificateAuthorities(origin.host() + ":" + origin.port()));
    try {
      if (authorities.isPresent()) {
        return of(authorities.get());
      }
      return Loopback.is(origin.host()) ? everybody() : SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot speak TLS with " + origin + ": " + e.getMessage(), e);
    }
  }

  private synchronized SSLContext everybody() throws GeneralSecurityException {
    SSLContext known = everybody;
    if (known == null) {
      known = context(new TrustManager[] {new Everybody()});
      everybody = known;
    }
    return known;
  }

  private SSLContext of(Path pem) throws IOException, GeneralSecurityException {
    SSLContext known = contexts.get(pem);
    if (known != null) {
      return known;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream in = Files.newInputStream(pem)) {
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("authority-" + number++, certificate);
      }
      if (number == 0) {
        throw new IOException("there is no certificate in " + pem);
      }
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    SSLContext made = context(managers.getTrustManagers());
    SSLContext other = contexts.putIfAbsent(pem, made);
    return other == null ? made : other;
  }

  private static SSLContext context(TrustManager[] managers) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers, null);
    return context;
  }

  /** Whoever can answer on loopback is on this host already. */
  private static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
