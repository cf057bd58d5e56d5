package dev.pinnace.internal.image.registry.tls;

import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Loopback;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Trust;
import dev.pinnace.spec.Registries;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Believes certificates as {@link Registries} says: of the authorities that were named for a
 * registry, else of those that the host has for it besides the JVM's, else of anybody on loopback,
 * where plain HTTP would do as well, else as the JVM does. Files are read once. Thread-safe.
 */
public final class RegistryTrust implements Trust {
  private static final char[] NO_PASSWORD = new char[0];

  private final Registries registries;
  private final CertificateDirectories directories;
  private final Map<Choice, SSLContext> contexts = new ConcurrentHashMap<>();

  /**
   * @param environment where the home directory is looked for
   */
  public RegistryTrust(Registries registries, Map<String, String> environment) {
    this.registries = registries;
    this.directories = CertificateDirectories.of(registries, environment);
  }

  /** What decides; whoever shares it shares connections. */
  private record Choice(Optional<Path> named, Optional<Path> directory, boolean loopback) {}

  private Choice choice(Origin origin) {
    Optional<Path> named =
        registries
            .certificateAuthorities(origin.authority())
            .or(() -> registries.certificateAuthorities(origin.host() + ":" + origin.port()));
    return new Choice(named, directories.find(origin), Loopback.is(origin.host()));
  }

  /** Whether there are certificates for {@code origin} in particular, so that it speaks TLS. */
  public boolean isChosen(Origin origin) {
    Choice choice = choice(origin);
    return choice.named().isPresent() || choice.directory().isPresent();
  }

  @Override
  public SSLContext of(Origin origin) {
    try {
      Choice choice = choice(origin);
      SSLContext known = contexts.get(choice);
      if (known != null) {
        return known;
      }
      SSLContext made = context(choice);
      SSLContext other = contexts.putIfAbsent(choice, made);
      return other == null ? made : other;
    } catch (GeneralSecurityException | IOException e) {
      throw new RegistryException("cannot speak TLS with " + origin + ": " + e.getMessage(), e);
    }
  }

  private static SSLContext context(Choice choice) throws GeneralSecurityException, IOException {
    Optional<HostCertificates> host = choice.directory().map(HostCertificates::read);
    List<Certificate> besides = host.map(HostCertificates::authorities).orElse(List.of());
    KeyManager[] keys = keys(host.map(HostCertificates::identities).orElse(List.of()));
    TrustManager[] trusted = null;
    if (choice.named().isPresent()) {
      trusted = believing(HostCertificates.certificates(choice.named().get()));
    } else if (!besides.isEmpty()) {
      trusted = believing(withThoseOfTheJvm(besides));
    } else if (choice.loopback()) {
      trusted = new TrustManager[] {new Everybody()};
    } else if (keys.length == 0) {
      return SSLContext.getDefault();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trusted, null);
    return context;
  }

  private static TrustManager[] believing(List<? extends Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    for (int i = 0; i < authorities.size(); i++) {
      store.setCertificateEntry("authority-" + i, authorities.get(i));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store);
    return managers.getTrustManagers();
  }

  private static List<Certificate> withThoseOfTheJvm(List<Certificate> others)
      throws GeneralSecurityException {
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init((KeyStore) null);
    List<Certificate> all = new ArrayList<>(others);
    for (TrustManager manager : managers.getTrustManagers()) {
      if (manager instanceof X509TrustManager usual) {
        all.addAll(Arrays.asList(usual.getAcceptedIssuers()));
      }
    }
    return all;
  }

  private static KeyManager[] keys(List<HostCertificates.Identity> identities)
      throws GeneralSecurityException, IOException {
    if (identities.isEmpty()) {
      return new KeyManager[0];
    }
    KeyStore store = emptyStore();
    for (int i = 0; i < identities.size(); i++) {
      HostCertificates.Identity identity = identities.get(i);
      store.setKeyEntry(
          "client-" + i, identity.key(), NO_PASSWORD, identity.chain().toArray(new Certificate[0]));
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, NO_PASSWORD);
    return managers.getKeyManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }
}
