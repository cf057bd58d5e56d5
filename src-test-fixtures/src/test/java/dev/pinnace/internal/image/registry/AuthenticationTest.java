package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.registry.Gates;
import dev.pinnace.fixtures.registry.RecordedRequest;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.TokenService;
import dev.pinnace.fixtures.registry.Trouble;
import dev.pinnace.fixtures.registry.Wire;
import dev.pinnace.fixtures.registry.WireServer;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who we are to a registry, in every way that registries ask. */
@Timeout(60)
class AuthenticationTest {
  private static final RegistryCredentials ANN = RegistryCredentials.of("ann", "sec:ret&more=");

  private final TestRegistry registry = TestRegistry.start();
  private final TokenService tokens = new TokenService();
  private RegistryClient client = client(Optional.empty());
  private final Descriptor blob = put("ann/tool");

  private Descriptor put(String repository) {
    byte[] bytes = "a blob".getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.parse(registry.content().putBlob(repository, bytes));
    return new Descriptor(MediaTypes.LAYER, digest, bytes.length);
  }

  private RegistryClient client(Optional<RegistryCredentials> user) {
    Registries.Builder registries = Registries.builder().withoutDockerConfig().retries(1);
    user.ifPresent(known -> registries.credentials(registry.address(), known));
    return new RegistryClient(registries.build(), Map.of());
  }

  private void as(RegistryCredentials user) {
    client.close();
    client = client(Optional.of(user));
  }

  @AfterEach
  void close() {
    client.close();
    tokens.close();
    registry.close();
  }

  private ImageReference reference() {
    return ImageReference.parse(registry.address() + "/ann/tool");
  }

  private boolean reads() {
    return client.repository(reference()).has(blob.digest());
  }

  private List<RecordedRequest> tokenRequests() {
    return tokens.server().requests();
  }

  @Test
  void bearer_anonymous_asksOnceForEachScope() {
    registry.guardedBy(tokens);
    assertThat(reads()).isTrue();
    assertThat(reads()).isTrue();
    assertThat(tokenRequests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.method()).isEqualTo("GET");
              assertThat(request.target())
                  .contains("service=the+registry", "scope=repository%3Aann%2Ftool%3Apull");
              assertThat(request.header("Authorization")).isEmpty();
            });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bearer_challengeWithoutService_namesNone(boolean known) {
    registry.guardedBy(tokens.unnamed());
    if (known) {
      as(ANN);
    }
    assertThat(reads()).isTrue();
    assertThat(tokenRequests())
        .singleElement()
        .satisfies(request -> assertThat(request.target()).doesNotContain("service"));
  }

  @Test
  void bearer_calledAccessToken_isTaken() {
    registry.guardedBy(tokens.asAccessToken());
    assertThat(reads()).isTrue();
  }

  @Test
  void bearer_withPassword_isAskedForByForm() {
    registry.guardedBy(tokens.only(ANN.user(), ANN.secret()));
    as(ANN);
    assertThat(reads()).isTrue();
    assertThat(tokenRequests())
        .singleElement()
        .satisfies(request -> assertThat(request.method()).isEqualTo("POST"));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 405})
  void bearer_formIsUnknown_isAskedForByGet(int status) {
    registry.guardedBy(tokens.only(ANN.user(), ANN.secret()).withoutForm(status));
    as(ANN);
    assertThat(reads()).isTrue();
    assertThat(tokenRequests()).extracting(RecordedRequest::method).containsExactly("POST", "GET");
    assertThat(tokenRequests().get(1).header("Authorization"))
        .contains(Gates.basicHeader(ANN.user(), ANN.secret()));
  }

  @Test
  void bearer_withIdentityToken_isRefreshed() {
    registry.guardedBy(tokens.only(ANN.user(), ANN.secret()));
    as(RegistryCredentials.identityToken(TokenService.IDENTITY));
    assertThat(reads()).isTrue();
  }

  /** A place that knows where tokens are given now. */
  private WireServer formerPlace(int status) {
    WireServer former =
        new WireServer(
            wire -> {
              byte[] unused = wire.body();
              String now =
                  wire.path().equals("/former")
                      ? wire.request().target().replace("/former", "/later")
                      : tokens.server().origin() + wire.request().target();
              Trouble.redirect(status, now).befall(wire);
            },
            Optional.empty());
    registry.guardedBy(
        wire -> {
          if (wire.request().header("Authorization").isPresent()) {
            return tokens.admits(wire);
          }
          wire.header(
              "WWW-Authenticate",
              "Bearer realm=\"" + former.origin() + "/former\",scope=\"repository:ann/tool:pull\"");
          wire.answer(401);
          return false;
        });
    return former;
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void bearer_placeHasMoved_isFollowed(int status) {
    try (WireServer former = formerPlace(status)) {
      assertThat(reads()).isTrue();
      as(ANN);
      assertThat(reads()).isTrue();
      assertThat(former.requests())
          .extracting(request -> request.method() + request.header("Authorization").isPresent())
          .containsExactly("GETfalse", "GETfalse", "POSTfalse", "GETtrue", "GETtrue");
      assertThat(tokenRequests())
          .hasSize(2)
          .allMatch(request -> request.method().equals("GET"))
          .allMatch(request -> request.header("Authorization").isEmpty());
    }
  }

  @Test
  void bearer_placeThatPointsAtItself_ends() {
    try (WireServer circle =
        new WireServer(
            wire -> Trouble.redirect(302, wire.request().target()).befall(wire),
            Optional.empty())) {
      registry.guardedBy(
          wire -> {
            wire.header("WWW-Authenticate", "Bearer realm=\"" + circle.origin() + "/\"");
            wire.answer(401);
            return false;
          });
      assertThatThrownBy(this::reads)
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("redirects again and again");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"realm", "service", "scope"})
  void challenge_ofExcessiveLength_isRefusedBriefly(String parameter) {
    String value = "http://127.0.0.1:1/" + "x".repeat(5000);
    registry.guardedBy(
        wire -> {
          wire.header("WWW-Authenticate", "Bearer " + parameter + "=\"" + value + "\"");
          wire.answer(401);
          return false;
        });
    assertThatThrownBy(this::reads)
        .isInstanceOf(RegistryException.class)
        .hasMessageEndingWith(
            "asks for a login with a %s of 5019 characters, more than 4096: that is refused; ask"
                + " whoever runs it",
            parameter);
  }

  @Test
  void challenge_withoutAPlace_isShownShortened() {
    registry.guardedBy(
        wire -> {
          wire.header("WWW-Authenticate", "Bearer realm=\"" + "no place ".repeat(400) + "\"");
          wire.answer(401);
          return false;
        });
    assertThatThrownBy(this::reads)
        .isInstanceOf(RegistryException.class)
        .message()
        .contains("names no place that gives tokens, but \"no place ")
        .endsWith("...\"")
        .hasSizeLessThan(400);
  }

  @Test
  void refusal_asOfARegistry_isNoMatterOfTls() {
    try (WireServer refusing =
        new WireServer(
            wire ->
                wire.answer(
                    400,
                    "application/json; charset=utf-8",
                    "{\"errors\":[{\"code\":\"UNSUPPORTED\",\"message\":\"not today\"}]}"),
            Optional.empty())) {
      String host = URI.create(refusing.origin()).getAuthority();
      ImageReference there = ImageReference.parse(host + "/ann/tool:1");
      assertThatThrownBy(() -> client.repository(there).has(blob.digest()))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("http://" + host + " answered 400")
          .hasMessageNotContaining("TLS");
    }
  }

  private static final long LONG = 256L << 20;

  /** A long answer of which the client takes leave. */
  private static void ends(Wire wire, int status, CountDownLatch left) throws IOException {
    byte[] unused = wire.body();
    try {
      wire.answer(status, new ByteArrayInputStream(new byte[(int) LONG]), LONG);
    } catch (IOException broken) {
      left.countDown();
      throw broken;
    }
  }

  private void askedForTokensOf(WireServer place) {
    registry.guardedBy(
        wire -> {
          wire.header("WWW-Authenticate", "Bearer realm=\"" + place.origin() + "/\"");
          wire.answer(401);
          return false;
        });
  }

  @Test
  void bearer_placeThatPointsNowhere_isLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (WireServer place =
        new WireServer(
            wire -> ends(wire.header("Location", "ftp://nowhere"), 302, left), Optional.empty())) {
      askedForTokensOf(place);
      assertThatThrownBy(this::reads).hasMessageContaining("an address that is none");
      assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void refusal_forWhichThereIsNoToken_isLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    registry.guardedBy(
        wire -> {
          if (!wire.path().contains("/blobs/")) {
            return true;
          }
          ends(wire.header("WWW-Authenticate", "Bearer realm=\"nowhere\""), 401, left);
          return false;
        });
    assertThatThrownBy(() -> client.repository(reference()).blob(blob, 0).readAllBytes())
        .hasMessageContaining("names no place that gives tokens");
    assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void redirect_toNowhere_isLeft() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    registry.on(
        "GET", "/blobs/", 1, wire -> ends(wire.header("Location", "ftp://nowhere"), 307, left));
    assertThatThrownBy(() -> client.repository(reference()).blob(blob, 0).readAllBytes())
        .hasMessageContaining("an address that is none");
    assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void bearer_interruptedWhileATokenComes_isCancelled() throws Exception {
    try (WireServer slow =
        new WireServer(
            wire -> wire.stallAfter(3).answer(200, "application/json", "{\"token\":\"x\"}"),
            Optional.empty())) {
      registry.guardedBy(
          wire -> {
            wire.header("WWW-Authenticate", "Bearer realm=\"" + slow.origin() + "/\"");
            wire.answer(401);
            return false;
          });
      RepositoryTest.assertCancelled(this::reads);
    }
  }

  @Test
  void bearer_wrongPassword_isSaidWithoutIt() {
    registry.guardedBy(tokens.only(ANN.user(), ANN.secret()));
    as(RegistryCredentials.of("ann", "wrong"));
    assertThatThrownBy(this::reads)
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("\"ann\"")
        .hasMessageContaining("log in")
        .hasMessageNotContaining("wrong");
  }

  @Test
  void bearer_expired_isFetchedAgain() {
    registry.guardedBy(tokens);
    assertThat(reads()).isTrue();
    tokens.expire();
    assertThat(reads()).isTrue();
    assertThat(tokenRequests()).hasSize(2);
  }

  @Test
  void bearer_thatNeverHelps_endsWithTheRefusal() {
    registry.guardedBy(
        wire -> {
          wire.header(
              "WWW-Authenticate",
              "Bearer realm=\"" + tokens.server().origin() + "/token\",error=\"invalid_token\"");
          Trouble.status(401, "UNAUTHORIZED", "not you").befall(wire);
          return false;
        });
    assertThatThrownBy(this::reads).isInstanceOf(RegistryException.class);
    assertThat(registry.requests("HEAD", "/blobs/")).hasSize(2);
  }

  @Test
  void bearer_insufficientScope_isWidened() {
    put("bob/other");
    registry.guardedBy(tokens);
    assertThat(reads()).isTrue();
    Optional<URI> upload = client.destination(reference()).begin(blob, Optional.of("bob/other"));
    assertThat(upload).as("it was mounted").isEmpty();
    assertThat(tokenRequests().get(1).target())
        .contains("repository%3Aann%2Ftool%3Apull%2Cpush", "repository%3Abob%2Fother%3Apull");
  }

  @Test
  void bearer_amongOthers_isChosen() {
    registry.guardedBy(
        wire -> {
          boolean admitted = wire.request().header("Authorization").isPresent();
          if (!admitted) {
            wire.header(
                "WWW-Authenticate",
                "Negotiate, Basic realm=\"a, b\", Bearer  realm = \""
                    + tokens.server().origin()
                    + "/token?x=y\" , service=\"the \\\"registry\\\"\"");
            wire.answer(401);
          }
          return admitted;
        });
    assertThat(reads()).isTrue();
    assertThat(tokenRequests().get(0).target())
        .startsWith("/token?x=y&service=the+%22registry%22&scope=");
  }

  @Test
  void bearer_fromAnUnencryptedPlace_isRefused(@TempDir Path directory) {
    SelfSigned certificate = SelfSigned.make(directory);
    try (TestRegistry secure = TestRegistry.start(certificate).guardedBy(tokens);
        RegistryClient careful =
            new RegistryClient(
                Registries.builder()
                    .withoutDockerConfig()
                    .certificateAuthorities(secure.address(), certificate.pem())
                    .credentials(secure.address(), ANN)
                    .build(),
                Map.of())) {
      Repository repository =
          careful.repository(ImageReference.parse(secure.address() + "/ann/tool"));
      assertThatThrownBy(() -> repository.resolve("1"))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("unencrypted");
      assertThat(tokenRequests()).isEmpty();
    }
  }

  @Test
  void basic_isSentWhenItIsAskedFor() {
    registry.guardedBy(Gates.basic(ANN.user(), ANN.secret()));
    assertThatThrownBy(this::reads).hasMessageContaining("log in");
    as(ANN);
    assertThat(reads()).isTrue();
    assertThat(reads()).isTrue();
    as(RegistryCredentials.of("ann", "wrong"));
    assertThatThrownBy(this::reads)
        .isInstanceOf(RegistryException.class)
        .satisfies(e -> assertThat(((RegistryException) e).status()).hasValue(401));
  }

  @Test
  void credentials_overRedirects_goNowhereElse() {
    try (TestRegistry other = TestRegistry.start()) {
      registry.guardedBy(Gates.basic(ANN.user(), ANN.secret()));
      registry.on(
          "HEAD", "/blobs/", 2, Trouble.redirect(307, other.origin() + "/v2/ann/tool/blobs/x"));
      as(ANN);
      assertThat(reads()).isFalse();
      assertThat(reads()).isFalse();
      assertThat(other.requests())
          .isNotEmpty()
          .allMatch(request -> request.header("Authorization").isEmpty());
    }
  }

  @Test
  void tls_isBelievedByItsAuthority_andOnLoopback(@TempDir Path directory) {
    SelfSigned stranger = SelfSigned.make(created(directory, "stranger"));
    SelfSigned own = SelfSigned.make(created(directory, "own"));
    try (TestRegistry secure = TestRegistry.start(own)) {
      secure.content().putBlob("ann/tool", "a blob".getBytes(StandardCharsets.UTF_8));
      ImageReference reference = ImageReference.parse(secure.address() + "/ann/tool");
      Registries.Builder registries = Registries.builder().withoutDockerConfig();
      try (RegistryClient any = new RegistryClient(registries.build(), Map.of())) {
        assertThat(any.repository(reference).has(blob.digest())).isTrue();
      }
      registries.certificateAuthorities(secure.address(), own.pem());
      try (RegistryClient known = new RegistryClient(registries.build(), Map.of())) {
        assertThat(known.repository(reference).has(blob.digest())).isTrue();
      }
      registries.certificateAuthorities(secure.address(), stranger.pem());
      try (RegistryClient other = new RegistryClient(registries.build(), Map.of())) {
        assertThatThrownBy(() -> other.repository(reference).has(blob.digest()))
            .isInstanceOf(RegistryException.class)
            .hasMessageContaining("not trusted")
            .hasMessageContaining("certificateAuthorities");
      }
    }
  }

  private static Path created(Path directory, String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void tls_neverLeadsToPlainHttp(@TempDir Path directory) {
    SelfSigned certificate = SelfSigned.make(directory);
    try (TestRegistry secure = TestRegistry.start(certificate);
        RegistryClient careful =
            new RegistryClient(
                Registries.builder()
                    .withoutDockerConfig()
                    .certificateAuthorities(secure.address(), certificate.pem())
                    .build(),
                Map.of())) {
      secure.on(
          "HEAD", "/blobs/", 1, Trouble.redirect(307, registry.origin() + "/v2/ann/tool/blobs/x"));
      Repository repository =
          careful.repository(ImageReference.parse(secure.address() + "/ann/tool"));
      assertThatThrownBy(() -> repository.has(blob.digest()))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("unencrypted");
      assertThat(registry.requests()).isEmpty();
    }
  }
}
