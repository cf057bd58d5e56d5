package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which registries an engine talks to, and how. A registry is named as in a reference, {@code
 * docker.io} or {@code registry.example.org:5000}; capitals count as small letters, and the hosts
 * {@code index.docker.io} and {@code registry-1.docker.io}, of which {@code docker.io} consists, as
 * that. Other hosts to which a registry sends its clients, for tokens ({@code auth.docker.io}) or
 * for the bytes of blobs, are named by themselves. All are reached through the proxy of the JVM
 * ({@code https.proxyHost}), else of the environment ({@code HTTPS_PROXY}, {@code HTTP_PROXY},
 * {@code NO_PROXY}). Immutable.
 *
 * @see <a href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">OCI
 *     distribution-spec</a>
 */
public final class Registries {
  /** Every default of {@link Builder}. */
  public static final Registries DEFAULTS = builder().build();

  private static final Set<String> HOSTS_OF_DOCKER =
      Set.of("index.docker.io", "registry-1.docker.io");

  private final Map<String, List<String>> mirrors;
  private final Set<String> plainHttp;
  private final Set<String> insecure;
  private final Map<String, Path> authorities;
  private final @Nullable List<Path> certificateDirectories;
  private final Map<String, RegistryCredentials> credentials;
  private final @Nullable Path dockerConfig;
  private final boolean usesDockerConfig;
  private final Duration connectTimeout;
  private final Duration stallTimeout;
  private final int retries;
  private final int parallelTransfers;

  private Registries(Builder from) {
    Map<String, List<String>> copied = new HashMap<>();
    from.mirrors.forEach((registry, list) -> copied.put(registry, List.copyOf(list)));
    this.mirrors = Map.copyOf(copied);
    this.plainHttp = Set.copyOf(from.plainHttp);
    this.insecure = Set.copyOf(from.insecure);
    this.authorities = Map.copyOf(from.authorities);
    this.certificateDirectories = from.certificateDirectories;
    this.credentials = Map.copyOf(from.credentials);
    this.dockerConfig = from.dockerConfig;
    this.usesDockerConfig = from.usesDockerConfig;
    this.connectTimeout = from.connectTimeout;
    this.stallTimeout = from.stallTimeout;
    this.retries = from.retries;
    this.parallelTransfers = from.parallelTransfers;
  }

  /** Starts with every default. */
  public static Builder builder() {
    return new Builder();
  }

  /** Starts with what this says. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    mirrors.forEach((registry, list) -> builder.mirrors.put(registry, new ArrayList<>(list)));
    builder.plainHttp.addAll(plainHttp);
    builder.insecure.addAll(insecure);
    builder.authorities.putAll(authorities);
    builder.certificateDirectories = certificateDirectories;
    builder.credentials.putAll(credentials);
    builder.dockerConfig = dockerConfig;
    builder.usesDockerConfig = usesDockerConfig;
    builder.connectTimeout = connectTimeout;
    builder.stallTimeout = stallTimeout;
    builder.retries = retries;
    builder.parallelTransfers = parallelTransfers;
    return builder;
  }

  private static String canonical(String registry) {
    String host = registry.toLowerCase(Locale.ROOT);
    return HOSTS_OF_DOCKER.contains(host) ? "docker.io" : host;
  }

  /** The registries that are asked before {@code registry}, in that order. */
  public List<String> mirrors(String registry) {
    return mirrors.getOrDefault(canonical(registry), List.of());
  }

  /** Whether {@code registry} is spoken to in plain HTTP. */
  public boolean isPlainHttp(String registry) {
    return plainHttp.contains(canonical(registry));
  }

  /** Whether {@code registry} may show any certificate, or speak plain HTTP. */
  public boolean isInsecure(String registry) {
    return insecure.contains(canonical(registry));
  }

  /** The file of the authorities that sign the certificate of {@code registry}. */
  public Optional<Path> certificateAuthorities(String registry) {
    return Optional.ofNullable(authorities.get(canonical(registry)));
  }

  /** Where certificates for registries are, if that was said; empty for the usual places. */
  public Optional<List<Path>> certificateDirectories() {
    return Optional.ofNullable(certificateDirectories);
  }

  /** The credentials that were given for {@code registry}. */
  public Optional<RegistryCredentials> credentials(String registry) {
    return Optional.ofNullable(credentials.get(canonical(registry)));
  }

  /** The file of Docker's that was named; empty for Docker's own choice. */
  public Optional<Path> dockerConfig() {
    return Optional.ofNullable(dockerConfig);
  }

  /** Whether Docker's file is used at all. */
  public boolean usesDockerConfig() {
    return usesDockerConfig;
  }

  /** The longest to wait for a connection to one address. */
  public Duration connectTimeout() {
    return connectTimeout;
  }

  /** The longest silence of a registry. */
  public Duration stallTimeout() {
    return stallTimeout;
  }

  /** How often a request that failed for a passing reason is repeated. */
  public int retries() {
    return retries;
  }

  /** The most layers that are transferred at once, for each pull or push. */
  public int parallelTransfers() {
    return parallelTransfers;
  }

  /**
   * Describes registries. Defaults: no mirrors; HTTPS with the authorities that the JVM trusts, but
   * for {@code localhost}, {@code 127.0.0.0/8} and {@code ::1}, which may speak plain HTTP or show
   * any certificate; certificates in {@code HOST[:PORT]} below {@code
   * ~/.config/containers/certs.d}, {@code /etc/containers/certs.d} and {@code /etc/docker/certs.d};
   * credentials of Docker's {@code config.json} in {@code $DOCKER_CONFIG} or {@code ~/.docker},
   * with the helper programs that it names; 10 seconds for a connection; 30 seconds of silence; 5
   * retries; 3 transfers at once. Not thread-safe.
   */
  public static final class Builder {
    private static final Pattern NAME =
        Pattern.compile("(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?");

    private final Map<String, List<String>> mirrors = new HashMap<>();
    private final Set<String> plainHttp = new HashSet<>();
    private final Set<String> insecure = new HashSet<>();
    private final Map<String, Path> authorities = new HashMap<>();
    private final Map<String, RegistryCredentials> credentials = new HashMap<>();
    private @Nullable List<Path> certificateDirectories;
    private @Nullable Path dockerConfig;
    private boolean usesDockerConfig = true;
    private Duration connectTimeout = Duration.ofSeconds(10);
    private Duration stallTimeout = Duration.ofSeconds(30);
    private int retries = 5;
    private int parallelTransfers = 3;

    private Builder() {}

    private static String name(String registry) {
      if (!NAME.matcher(registry).matches()) {
        throw new InvalidSpecException(
            "\""
                + registry
                + "\" is not a registry: write its host and optional port,"
                + " as in registry.example.org:5000");
      }
      return canonical(registry);
    }

    private static Duration positive(String what, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new InvalidSpecException(what + " must be longer than nothing, not " + duration);
      }
      return duration;
    }

    /**
     * Asks {@code mirror} before {@code registry} for whatever is pulled; after mirrors that were
     * named before. It is a registry like others: it may be named for {@link #plainHttp} or {@link
     * #insecure}, have {@link #certificateAuthorities} and {@link #credentials}. What it does not
     * have or gives wrong, and a mirror that cannot be reached or breaks off for more than {@link
     * #retries}, sends the question to the next one and at last to the registry.
     */
    public Builder mirror(String registry, String mirror) {
      Objects.requireNonNull(registry, "registry");
      Objects.requireNonNull(mirror, "mirror");
      mirrors.computeIfAbsent(name(registry), key -> new ArrayList<>()).add(name(mirror));
      return this;
    }

    /** Speaks to {@code registry} in plain HTTP: everybody on the way reads and changes it. */
    public Builder plainHttp(String registry) {
      if (authorities.containsKey(canonical(registry))) {
        throw new InvalidSpecException(
            registry + " has certificate authorities already, which plain HTTP has no use for");
      }
      plainHttp.add(name(registry));
      return this;
    }

    /**
     * Speaks TLS to {@code registry} whoever has signed its certificate and whatever name that
     * bears, and plain HTTP where it does not speak TLS, or a proxy forbids to tunnel that:
     * somebody on the way may read and change everything, passwords too. That is what Docker means
     * by insecure registries. It holds for that host alone, not for others that give its tokens or
     * blobs. {@link #plainHttp} of the same registry leaves TLS out.
     */
    public Builder insecure(String registry) {
      if (authorities.containsKey(canonical(registry))) {
        throw new InvalidSpecException(
            registry + " has certificate authorities already, which insecure would not ask");
      }
      insecure.add(name(registry));
      return this;
    }

    /**
     * Believes {@code registry} if one of the authorities in {@code pem} has signed its
     * certificate, and no other authority then, whatever {@link #certificateDirectories} have. A
     * host of another name that gives its tokens or blobs is believed as the JVM does, unless it is
     * named here too.
     *
     * @param pem a file of X.509 certificates; it is read when the registry is first spoken to
     */
    public Builder certificateAuthorities(String registry, Path pem) {
      if (plainHttp.contains(canonical(registry))) {
        throw new InvalidSpecException(
            registry + " is spoken to in plain HTTP, which has no use for certificate authorities");
      }
      if (insecure.contains(canonical(registry))) {
        throw new InvalidSpecException(
            registry + " is insecure, which does not ask certificate authorities");
      }
      authorities.put(name(registry), pem.toAbsolutePath());
      return this;
    }

    /**
     * Looks there for the certificates of a registry, in place of the usual directories; nowhere if
     * none is given. The first directory that has one called {@code HOST} or {@code HOST:PORT}
     * counts. In that, {@code *.crt} are authorities that are believed besides the JVM's, unless
     * {@link #certificateAuthorities} names others, and {@code NAME.cert} with {@code NAME.key} is
     * shown to a registry that asks who its client is: as for Docker and Podman. All are PEM; they
     * are read when the registry is first spoken to, which fails if one is wrong.
     */
    public Builder certificateDirectories(Path... directories) {
      Objects.requireNonNull(directories, "directories");
      this.certificateDirectories = Stream.of(directories).map(Path::toAbsolutePath).toList();
      return this;
    }

    /** Uses these credentials for {@code registry}, whatever Docker's file says. */
    public Builder credentials(String registry, RegistryCredentials user) {
      Objects.requireNonNull(registry, "registry");
      Objects.requireNonNull(user, "user");
      credentials.put(name(registry), user);
      return this;
    }

    /** Uses that file in place of Docker's own; logins are written there. */
    public Builder dockerConfig(Path file) {
      this.dockerConfig = file.toAbsolutePath();
      this.usesDockerConfig = true;
      return this;
    }

    /** Neither reads nor writes Docker's file: there are the credentials that were given only. */
    public Builder withoutDockerConfig() {
      this.dockerConfig = null;
      this.usesDockerConfig = false;
      return this;
    }

    /** The longest to wait for a connection to one address. */
    public Builder connectTimeout(Duration longest) {
      Objects.requireNonNull(longest, "longest");
      this.connectTimeout = positive("the time for a connection", longest);
      return this;
    }

    /**
     * The longest that a registry may send nothing, or take nothing, before that counts as a broken
     * connection. A slow line is never cut off from a blob; documents, such as manifests and lists,
     * may take four times as long as this in all. A registry that has all of a large blob may take
     * ten minutes to keep it.
     */
    public Builder stallTimeout(Duration longest) {
      Objects.requireNonNull(longest, "longest");
      this.stallTimeout = positive("the time of silence", longest);
      return this;
    }

    /**
     * How often a request is repeated after a broken connection or one of the statuses 408, 429,
     * 500, 502, 503 and 504, at growing intervals, or after the time that the registry asks for in
     * {@code Retry-After} if that is a minute at most. A transfer in either direction goes on where
     * it was, and begins to count anew when it has come 1 MiB further. 0 for never.
     */
    public Builder retries(int most) {
      if (most < 0 || most > 100) {
        throw new InvalidSpecException("retries must lie between 0 and 100, not at " + most);
      }
      this.retries = most;
      return this;
    }

    /** The most layers that are transferred at once, 1 to 100, for each pull or push. */
    public Builder parallelTransfers(int most) {
      if (most < 1 || most > 100) {
        throw new InvalidSpecException(
            "parallel transfers must lie between 1 and 100, not at " + most);
      }
      this.parallelTransfers = most;
      return this;
    }

    /** The registries as described so far. */
    public Registries build() {
      return new Registries(this);
    }
  }
}
