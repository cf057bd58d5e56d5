package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.Gates;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.RegistryContent.Layer;
import dev.pinnace.fixtures.registry.SelfSigned;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.fixtures.registry.TokenService;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** push, login, logout and search as people call them, with real credential helpers. */
@Needs("root")
@Timeout(180)
class RegistryScriptTest {
  /** Keeps what it is given in files, as the protocol of credential helpers wants it. */
  private static final String HELPER =
      """
      #!/bin/sh
      echo "$1" >>"$KEPT.calls"
      case $1 in
        store) cat >"$KEPT" ;;
        get)
          read -r server
          if [ -s "$KEPT" ]; then cat "$KEPT"; else
            echo "credentials not found in native keychain"; exit 1
          fi ;;
        erase) : >"$KEPT" ;;
        list) echo '{}' ;;
      esac
      """;

  @TempDir private Path home;
  private final TestRegistry registry = TestRegistry.start();
  private Script script;
  private Path docker;

  @BeforeEach
  void prepare() throws IOException {
    script = new Script(home);
    docker = Files.createDirectories(home.resolve("docker"));
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private Script.Result pinnace(String stdin, String... arguments) throws Exception {
    Map<String, String> environment =
        Map.of(
            "DOCKER_CONFIG",
            docker.toString(),
            "KEPT",
            home.resolve("kept").toString(),
            "PATH",
            home.resolve("bin") + ":" + System.getenv("PATH"));
    return script.call("pinnace", stdin, environment, arguments);
  }

  private String load() throws Exception {
    RegistryContent content = new RegistryContent();
    byte[] tar = new LayerArchive().file("hello", "hello\n").bytes();
    String digest =
        content.putImage("tool", "1", Platform.host().architecture(), List.of(Layer.plain(tar)));
    content.writeLayout("tool", "1", home.resolve("layout"), registry.address() + "/ann/tool:1");
    assertThat(pinnace("", "load", "-i", home.resolve("layout").toString()).err()).isEmpty();
    return digest;
  }

  @Test
  void push_saysWhatDockerSays() throws Exception {
    String digest = load();
    String name = registry.address() + "/ann/tool";
    Script.Result first = pinnace("", "push", name + ":1");
    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isZero();
    int size = registry.content().manifest("ann/tool", "1").orElseThrow().bytes().length;
    assertThat(first.out())
        .startsWith("The push refers to repository [" + name + "]\n")
        .containsPattern("[0-9a-f]{12}: Pushed\n")
        .endsWith("1: digest: " + digest + " size: " + size + "\n");
    assertThat(pinnace("", "tag", name + ":1", name + ":latest").code()).isZero();
    Script.Result again = pinnace("", "push", name);
    assertThat(again.out())
        .startsWith("Using default tag: latest\nThe push refers to repository [" + name + "]\n")
        .containsPattern("[0-9a-f]{12}: Layer already exists\n");
    assertThat(pinnace("", "push", "-q", name + ":1").out()).isEqualTo(name + ":1\n");
    assertThat(pinnace("", "push", "-a", name).out()).contains("\n1: digest", "\nlatest: digest");
    Script.Result both = pinnace("", "push", "-a", name + ":1");
    assertThat(both.code()).isEqualTo(125);
    assertThat(both.err()).contains("--all-tags takes a name without a tag");
  }

  @Test
  void login_keepsCredentialsInTheFile_andLogoutForgetsThem() throws Exception {
    registry.guardedBy(Gates.basic("ann", "sec:ret"));
    Path config = docker.resolve("config.json");
    Files.writeString(config, "{\"HttpHeaders\":{\"X-Y\":\"z\"}}");
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-r-----"));
    Script.Result wrong =
        pinnace("wrong\n", "login", "-u", "ann", "--password-stdin", registry.address());
    assertThat(wrong.code()).isEqualTo(125);
    assertThat(wrong.err()).contains("does not know that user or password");
    Script.Result right =
        pinnace("sec:ret\n", "login", "-u", "ann", "--password-stdin", registry.address());
    assertThat(right.out()).isEqualTo("Login Succeeded\n");
    assertThat(right.err()).contains("stored unencrypted in '" + config + "'");
    assertThat(config).content().contains("X-Y", registry.address());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
        .isEqualTo("rw-r-----");
    String unused = load();
    assertThat(pinnace("", "push", registry.address() + "/ann/tool:1").code()).isZero();
    assertThat(pinnace("", "logout", registry.address()).line())
        .isEqualTo("Removing login credentials for " + registry.address());
    assertThat(pinnace("", "logout", registry.address()).line())
        .isEqualTo("Not logged in to " + registry.address());
    assertThat(pinnace("", "login", registry.address()).err()).contains("no terminal to ask on");
    assertThat(pinnace("", "login", "-u", "ann", "-p", "sec:ret", registry.address()).err())
        .contains("--password via the CLI is insecure");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"credsStore\":\"testing\"}",
        "{\"credsStore\":\"of-nobody\",\"credHelpers\":{\"REGISTRY\":\"testing\"}}"
      })
  void login_withAHelper_keepsTheIdentityTokenThere(String helpers) throws Exception {
    try (TokenService tokens = new TokenService().only("ann", "secret")) {
      registry.guardedBy(tokens);
      Path bin = Files.createDirectories(home.resolve("bin"));
      Path helper = Files.writeString(bin.resolve("docker-credential-testing"), HELPER);
      Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
      Path config =
          Files.writeString(
              docker.resolve("config.json"), helpers.replace("REGISTRY", registry.address()));
      Script.Result login =
          pinnace("secret", "login", "-u", "ann", "--password-stdin", registry.address());
      assertThat(login.err()).isEmpty();
      assertThat(login.out()).isEqualTo("Login Succeeded\n");
      assertThat(home.resolve("kept"))
          .content()
          .contains(
              "\"ServerURL\":\"" + registry.address() + "\"", "<token>", TokenService.IDENTITY);
      assertThat(config).content().doesNotContain(TokenService.IDENTITY, "secret");
      String unused = load();
      Script.Result push = pinnace("", "push", registry.address() + "/ann/tool:1");
      assertThat(push.err()).isEmpty();
      assertThat(registry.content().manifest("ann/tool", "1")).isPresent();
      assertThat(pinnace("", "logout", registry.address()).code()).isZero();
      assertThat(home.resolve("kept.calls")).content().contains("store\n", "get\n", "erase\n");
      Files.writeString(helper, "#!/bin/sh\necho the keychain is locked; exit 1\n");
      Script.Result broken = pinnace("", "push", registry.address() + "/ann/tool:1");
      assertThat(broken.code()).isEqualTo(125);
      assertThat(broken.err())
          .contains("docker-credential-testing could not get", "the keychain is locked");
    }
  }

  /** As Docker Desktop leaves it behind. */
  @Test
  void pull_helperOfAllRegistriesIsGone_asksForNobody() throws Exception {
    try (TokenService tokens = new TokenService()) {
      registry.guardedBy(tokens);
      Files.writeString(docker.resolve("config.json"), "{\"credsStore\":\"desktop\"}");
      String name = registry.address() + "/ann/tool:1";
      String unused = load();
      assertThat(pinnace("", "push", "-q", name).code()).isZero();
      Script.Result pull = pinnace("", "pull", "-q", name);
      assertThat(pull.code()).as(pull.err()).isZero();
      assertThat(pull.err()).contains("docker-credential-desktop");
      TokenService unusedResult = tokens.only("ann", "secret");
      Script.Result refused = pinnace("", "pull", "-q", name);
      assertThat(refused.code()).isEqualTo(125);
      assertThat(refused.err().lines())
          .last()
          .asString()
          .contains("gives nobody without credentials a token", "docker-credential-desktop");
      registry.guardedBy(Gates.basic("ann", "secret"));
      assertThat(pinnace("", "pull", "-q", name).err().lines())
          .last()
          .asString()
          .contains("answered 401", "docker-credential-desktop");
      Script.Result login =
          pinnace("secret", "login", "-u", "ann", "--password-stdin", registry.address());
      assertThat(login.code()).isEqualTo(125);
      assertThat(login.err()).contains("docker-credential-desktop", "install it");
    }
  }

  @Test
  void search_showsWhatDockerShows() throws Exception {
    registry.on(
        "GET",
        "/v1/search",
        3,
        wire ->
            wire.answer(
                200,
                "application/json",
                "{\"results\":[{\"name\":\"ann/tool\",\"description\":\"A tool\\nthat is described"
                    + " at greater length than fits\",\"star_count\":7,\"is_official\":false},"
                    + "{\"name\":\"tool\",\"description\":\"\",\"star_count\":90,"
                    + "\"is_official\":true}]}"));
    String term = registry.address() + "/tool";
    assertThat(pinnace("", "search", term).out().lines())
        .containsExactly(
            "NAME       DESCRIPTION                                     STARS   OFFICIAL",
            "ann/tool   A tool that is described at greater length t\u2026   7       ",
            "tool                                                       90      [OK]");
    assertThat(registry.requests("GET", "/v1/search").get(0).target())
        .isEqualTo("/v1/search?q=tool&n=25");
    assertThat(
            pinnace("", "search", "--limit", "3", "-f", "stars=8", "--format", "{{.Name}}", term)
                .out())
        .isEqualTo("tool\n");
    assertThat(pinnace("", "search", "-f", "is-official=false", "--no-trunc", term).out())
        .contains("that is described at greater length than fits")
        .doesNotContain("[OK]");
    assertThat(pinnace("", "search", "-f", "is-official=maybe", term).err())
        .contains("true or false, not \"maybe\"");
    assertThat(pinnace("", "search", "--limit", "0", term).err()).contains("between 1 and 100");
    assertThat(registry.requests("GET", "/v1/search")).hasSize(3);
    Script.Result none = pinnace("", "search", term);
    assertThat(none.code()).isEqualTo(125);
    assertThat(none.err()).contains("the registry does not offer it");
  }

  @Test
  void flags_ofTheDaemon_goBeforeTheSubcommand() throws Exception {
    String digest = load();
    SelfSigned certificate = SelfSigned.make(home);
    try (TestRegistry secure = TestRegistry.start(certificate)) {
      String name = secure.address() + "/ann/tool:1";
      assertThat(pinnace("", "tag", registry.address() + "/ann/tool:1", name).code()).isZero();
      String wrong = secure.address() + "=" + SelfSigned.make(docker).pem();
      assertThat(pinnace("", "--registry-ca", wrong, "push", "-q", name).err())
          .contains("its certificate is not trusted");
      Script.Result both =
          pinnace("", "--registry-ca", wrong, "--insecure-registry", secure.address(), "images");
      assertThat(both.err()).contains(secure.address() + " is insecure, which does not ask");
      String plain = registry.address();
      for (String address : List.of(secure.address(), plain)) {
        Script.Result insecure =
            pinnace("", "--insecure-registry", address, "push", "-q", address + "/ann/tool:1");
        assertThat(insecure.err()).isEmpty();
        assertThat(insecure.code()).isZero();
      }
      Script.Result trusted =
          pinnace("", "--registry-ca", secure.address() + "=" + certificate.pem(), "push", name);
      assertThat(trusted.err()).isEmpty();
      assertThat(trusted.out()).contains(digest);
      assertThat(pinnace("", "push", registry.address() + "/ann/tool:1").code()).isZero();
      assertThat(pinnace("", "rmi", "-f", name, registry.address() + "/ann/tool:1").code())
          .isZero();
      secure.behave();
      Script.Result mirrored =
          pinnace(
              "",
              "--registry-mirror",
              "nowhere.invalid=" + registry.address(),
              "pull",
              "-q",
              "nowhere.invalid/ann/tool:1");
      assertThat(mirrored.err()).isEmpty();
      assertThat(mirrored.line()).isEqualTo("nowhere.invalid/ann/tool:1");
    }
  }
}
