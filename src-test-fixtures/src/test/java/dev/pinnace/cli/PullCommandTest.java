package dev.pinnace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.cli.Script.Call;
import dev.pinnace.cli.Script.Result;
import dev.pinnace.fixtures.images.ImageBlobs;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.TestRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code pinnace pull} as people and scripts see it. */
@Needs({"root", "overlay"})
class PullCommandTest {
  @TempDir Path home;
  private final TestRegistry registry = TestRegistry.start();
  private final ImageBlobs image = new ImageBlobs();

  @BeforeEach
  void fill() {
    byte[] noise = new byte[5 << 20];
    new Random(5).nextBytes(noise);
    image
        .gzipLayer(new LayerArchive().file("small", "1").bytes())
        .gzipLayer(new LayerArchive().file("large", noise).bytes())
        .putInto(registry.content(), "tool", "latest");
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private String name() {
    return registry.address() + "/tool";
  }

  private String layer(int index) {
    return image.layers().get(index).digest().toString();
  }

  private static String shown(String digest) {
    return digest.substring("sha256:".length(), "sha256:".length() + 12);
  }

  @Test
  void pull_toAPipe_printsLines() throws Exception {
    Script script = new Script(home);
    Result pull = script.pinnace("pull", name());
    assertThat(pull.code()).as(pull.err()).isZero();
    assertThat(pull.out())
        .startsWith("Using default tag: latest\nlatest: Pulling from tool\n")
        .contains(shown(layer(0)) + ": Pulling fs layer\n")
        .contains(shown(layer(0)) + ": Pull complete\n")
        .contains(shown(layer(1)) + ": Pull complete\n")
        .endsWith(
            "Status: Downloaded newer image for " + name() + ":latest\n" + name() + ":latest\n")
        .doesNotContain("\033");
    assertThat(script.pinnace("pull", name()).out())
        .contains(shown(layer(1)) + ": Already exists\n")
        .doesNotContain("Pulling fs layer")
        .contains("Status: Image is up to date for " + name() + ":latest\n");
    assertThat(script.pinnace("pull", "-q", name()).out()).isEqualTo(name() + ":latest\n");
    assertThat(script.pinnace("pull", "-q", "--platform", "linux/riscv64", name() + ":none").err())
        .contains("none");
  }

  @Test
  void pull_byDigest_givesNoTag() throws Exception {
    Script script = new Script(home);
    byte[] manifest = registry.content().manifest("tool", "latest").orElseThrow().bytes();
    String name = name() + "@" + RegistryContent.digest(manifest);
    assertThat(script.pinnace("pull", "-q", name).out()).isEqualTo(name + "\n");
    String names = "{{json .RepoTags}} {{json .RepoDigests}}";
    assertThat(script.pinnace("inspect", "-f", names, name).line())
        .isEqualTo("[] [\"" + name + "\"]");
    assertThat(script.pinnace("pull", "-q", name()).code()).isZero();
    assertThat(script.pinnace("inspect", "-f", names, name).line())
        .isEqualTo("[\"" + name() + ":latest\"] [\"" + name + "\"]");
    assertThat(script.pinnace("rmi", name).out()).isEqualTo("Untagged: " + name + "\n");
    assertThat(script.pinnace("rmi", name).out())
        .startsWith("Untagged: " + name() + ":latest\nDeleted: sha256:");
  }

  @Test
  void pull_allTags_pullsEach() throws Exception {
    byte[] other = new LayerArchive().file("other", "2").bytes();
    new ImageBlobs().gzipLayer(other).putInto(registry.content(), "tool", "1.2");
    registry.pagesOf(1);
    Script script = new Script(home);
    Result pull = script.pinnace("pull", "-a", name());
    assertThat(pull.code()).as(pull.err()).isZero();
    assertThat(pull.out())
        .startsWith("1.2: Pulling from tool\n")
        .contains("\nlatest: Pulling from tool\n")
        .endsWith("Status: Downloaded newer image for " + name() + "\n" + name() + "\n");
    assertThat(script.pinnace("images", "--format", "{{.Tag}}").out().lines())
        .containsExactlyInAnyOrder("1.2", "latest");
    Result again = script.pinnace("pull", "--all-tags", name());
    assertThat(again.out()).contains("Status: Image is up to date for " + name() + "\n");
    assertThat(script.pinnace("pull", "-qa", name()).out()).isEqualTo(name() + "\n");

    Result tag = script.pinnace("pull", "-a", name() + ":latest");
    assertThat(tag.code()).isEqualTo(125);
    assertThat(tag.err()).contains("--all-tags takes a name without a tag");
    Result none = script.pinnace("pull", "-a", registry.address() + "/none");
    assertThat(none.code()).isEqualTo(125);
    assertThat(none.err()).contains("repository name not known");
  }

  @Test
  void create_imageThatIsNotHere_isPulled_andThatShownBesideTheId() throws Exception {
    Script script = new Script(home);
    Result create = script.pinnace("create", name());
    assertThat(create.err())
        .startsWith(
            "Unable to find image '" + name() + ":latest' locally\nlatest: Pulling from tool\n")
        .contains(shown(layer(1)) + ": Pull complete\n");
    assertThat(create.line()).matches("[0-9a-f]{64}");
    Result again = script.pinnace("create", "--pull", "always", name());
    assertThat(again.err()).startsWith("latest: Pulling from tool\n");
    assertThat(registry.requests("GET", "/manifests/latest")).hasSize(2);
    Result quiet = script.pinnace("create", "-q", "--pull", "always", name());
    assertThat(quiet.err()).isEmpty();
    assertThat(script.pinnace("create", name()).err()).isEmpty();
    for (String id : script.pinnace("ps", "-aq").out().lines().toList()) {
      assertThat(script.pinnace("rm", id).code()).isZero();
    }
  }

  @Test
  void pull_registryThatIsSilent_isNamedAfterThreeSeconds() throws Exception {
    registry.on("GET", "/manifests/latest", 1, wire -> wire.slowly(200, 2000));
    Result pull = new Script(home).pinnace("pull", "-q", name());
    assertThat(pull.code()).as(pull.err()).isZero();
    assertThat(pull.err()).isEqualTo("pinnace: waiting for " + registry.address() + " ...\n");
  }

  @Test
  @Needs("script")
  void pull_toATerminal_drawsBars() throws Exception {
    registry.on("GET", layer(1), 1, wire -> wire.slowly(1 << 20, 200));
    Path seen = home.resolve("seen");
    Script script = new Script(home);
    Process terminal = script.onTerminal(seen, 100, "pull", name());
    assertThat(terminal.waitFor()).isZero();
    String screen = Files.readString(seen, StandardCharsets.UTF_8);
    assertThat(screen)
        .contains("\033[2A")
        .containsPattern(shown(layer(1)) + ": Downloading \\[=+> +\\]  [0-9.]+[kM]B/5\\.2")
        .contains(shown(layer(1)) + ": Pull complete\033[K")
        .contains("Digest: sha256:");
  }

  @Test
  void interrupt_endsIt_andTheNextOneGoesOn() throws Exception {
    registry.on("GET", layer(1), 1, wire -> wire.stallAfter(2 << 20));
    Script script = new Script(home);
    Call call = script.start("pull", name());
    call.awaitOutput(shown(layer(0)) + ": Pull complete");
    Path ingest = home.resolve("root/content/ingest");
    while (partial(ingest) < 1 << 20) {
      Thread.sleep(20);
    }
    Process kill = new ProcessBuilder("kill", "-INT", Long.toString(call.process().pid())).start();
    assertThat(kill.waitFor()).isZero();
    Result interrupted = call.await();
    assertThat(interrupted.code()).isEqualTo(130);
    assertThat(interrupted.err()).contains("pull again to go on");
    assertThat(home.resolve("root/layers/overlayfs/drafts")).isEmptyDirectory();

    assertThat(script.pinnace("pull", "-q", name()).code()).isZero();
    assertThat(registry.requests("GET", layer(1)))
        .last()
        .matches(request -> request.header("Range").isPresent());
  }

  private static long partial(Path ingest) throws IOException {
    try (Stream<Path> files = Files.list(ingest)) {
      return files.mapToLong(file -> file.toFile().length()).max().orElse(0);
    }
  }
}
