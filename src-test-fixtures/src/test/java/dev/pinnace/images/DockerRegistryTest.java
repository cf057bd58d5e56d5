package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Image;
import dev.pinnace.Pinnace;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.fixtures.layer.LayerArchive;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.DockerRegistry;
import dev.pinnace.fixtures.registry.RegistryContent;
import dev.pinnace.fixtures.registry.RegistryContent.Layer;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The registry that most others descend from, and the programs that use it beside us. */
@Needs({"root", "docker-registry"})
@Timeout(180)
class DockerRegistryTest {
  private static final RegistryCredentials ANN =
      RegistryCredentials.of(DockerRegistry.USER, DockerRegistry.PASSWORD);

  @TempDir private Path directory;
  private final RegistryContent source = new RegistryContent();
  private String digest;

  @BeforeEach
  void image() throws IOException {
    byte[] big = new byte[3_000_000];
    new Random(5).nextBytes(big);
    byte[] lower = new LayerArchive().dir("bin/").file("bin/big", big).bytes();
    byte[] upper = new LayerArchive().file("hello", "hello\n").bytes();
    digest =
        source.putImage(
            "tool",
            "1",
            Platform.host().architecture(),
            List.of(new Layer(gzip(lower), lower), Layer.plain(upper)));
    source.writeLayout("tool", "1", directory.resolve("layout"), "localhost/tool:1");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private Pinnace engine(String root, Registries.Builder registries) {
    return Pinnace.builder()
        .root(directory.resolve(root))
        .runDirectory(directory.resolve("run-" + root))
        .storage("vfs")
        .registries(registries.build())
        .open();
  }

  private Registries.Builder plain() {
    return Registries.builder().withoutDockerConfig();
  }

  private void loadAndPush(Pinnace engine, String name) {
    engine.images().load(directory.resolve("layout"));
    engine.images().tag("localhost/tool:1", name);
    assertThat(engine.images().push(name)).hasToString(digest);
  }

  private String run(String... command) throws Exception {
    Path output = Files.createTempFile(directory, "output", "");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor())
        .as("%s: %s", String.join(" ", command), Files.readString(output))
        .isZero();
    return Files.readString(output);
  }

  @Test
  void pushAndPull_plain_keepsDigests() {
    try (DockerRegistry registry =
            DockerRegistry.start(directory.resolve("reg"), false, Optional.empty());
        Pinnace first = engine("first", plain());
        Pinnace second = engine("second", plain())) {
      String name = registry.address() + "/ann/tool:1";
      loadAndPush(first, name);
      Image pulled = second.images().pull(name);
      assertThat(pulled.digest()).hasToString(digest);
      assertThat(second.images().push(name)).hasToString(digest);
      second.images().tag(name, registry.address() + "/bob/tool:2");
      second.images().push(registry.address() + "/bob/tool:2");
      assertThat(registry.log())
          .as("of the second repository nothing was sent")
          .doesNotContain("PATCH /v2/bob")
          .contains("mount=sha256");
      assertThatThrownBy(() -> second.images().pull(registry.address() + "/ann/none"))
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("manifest unknown");
    }
  }

  @Test
  void login_checksAndKeeps() throws Exception {
    Path config = directory.resolve("docker/config.json");
    try (DockerRegistry registry =
            DockerRegistry.start(directory.resolve("reg"), true, Optional.empty());
        Pinnace engine = engine("first", Registries.builder().dockerConfig(config))) {
      String name = registry.address() + "/ann/tool:1";
      engine.images().load(directory.resolve("layout"));
      engine.images().tag("localhost/tool:1", name);
      assertThatThrownBy(() -> engine.images().push(name))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("log in");
      assertThatThrownBy(
              () ->
                  engine.images().login(registry.address(), RegistryCredentials.of("ann", "wrong")))
          .isInstanceOf(RegistryException.class)
          .hasMessageContaining("does not know that user or password");
      assertThat(config).doesNotExist();
      assertThat(engine.images().login("http://" + registry.address() + "/v2/", ANN))
          .isEqualTo(config.toString());
      assertThat(engine.images().push(name)).hasToString(digest);
      assertThat(engine.images().logout(registry.address())).isTrue();
      assertThatThrownBy(() -> engine.images().push(name)).isInstanceOf(RegistryException.class);
      assertThat(engine.images().logout(registry.address())).isFalse();
    }
  }

  @Test
  @Needs("openssl")
  void pushAndPull_overTls() throws Exception {
    Path key = directory.resolve("key.pem");
    Path certificate = directory.resolve("cert.pem");
    String unused =
        run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            key.toString(),
            "-out",
            certificate.toString(),
            "-days",
            "2",
            "-subj",
            "/CN=registry",
            "-addext",
            "subjectAltName=IP:127.0.0.1");
    try (DockerRegistry registry =
        DockerRegistry.start(
            directory.resolve("reg"), true, Optional.of(new Path[] {certificate, key}))) {
      String name = registry.address() + "/ann/tool:1";
      Registries.Builder known =
          plain()
              .certificateAuthorities(registry.address(), certificate)
              .credentials(registry.address(), ANN);
      try (Pinnace first = engine("first", known);
          Pinnace second = engine("second", plain().credentials(registry.address(), ANN));
          Pinnace plain = engine("third", plain().plainHttp(registry.address()))) {
        loadAndPush(first, name);
        assertThat(second.images().pull(name).digest()).hasToString(digest);
        assertThatThrownBy(() -> plain.images().pull(name)).isInstanceOf(RegistryException.class);
      }
    }
  }

  @Test
  @Needs("skopeo")
  void interchange_withSkopeo() throws Exception {
    try (DockerRegistry registry =
            DockerRegistry.start(directory.resolve("reg"), false, Optional.empty());
        Pinnace engine = engine("first", plain())) {
      loadAndPush(engine, registry.address() + "/ann/tool:1");
      String raw =
          run(
              "skopeo",
              "inspect",
              "--raw",
              "--tls-verify=false",
              "docker://" + registry.address() + "/ann/tool:1");
      assertThat(RegistryContent.digest(raw.getBytes(StandardCharsets.UTF_8))).isEqualTo(digest);
      String unused =
          run(
              "skopeo",
              "--insecure-policy",
              "copy",
              "--src-tls-verify=false",
              "--dest-tls-verify=false",
              "--format",
              "v2s2",
              "docker://" + registry.address() + "/ann/tool:1",
              "docker://" + registry.address() + "/skopeo/tool:1");
      Image ours = engine.images().pull(registry.address() + "/skopeo/tool:1");
      assertThat(ours.config().diffIds())
          .isEqualTo(engine.images().get("localhost/tool:1").config().diffIds());
      Digest theirs = ours.digest();
      engine.images().tag(registry.address() + "/skopeo/tool:1", registry.address() + "/x/y:1");
      assertThat(engine.images().push(registry.address() + "/x/y:1")).isEqualTo(theirs);
    }
  }

  @Test
  @Needs("podman")
  void interchange_withPodman() throws Exception {
    String root = directory.resolve("podman").toString();
    String[] podman = {
      "podman", "--root", root, "--runroot", root + "-run", "--storage-driver", "vfs"
    };
    try (DockerRegistry registry =
            DockerRegistry.start(directory.resolve("reg"), false, Optional.empty());
        Pinnace engine = engine("first", plain())) {
      String name = registry.address() + "/ann/tool:1";
      loadAndPush(engine, name);
      String pulled = run(with(podman, "pull", "-q", "--tls-verify=false", name));
      assertThat(pulled.strip()).endsWith(engine.images().get("localhost/tool:1").id().hex());
      String other = registry.address() + "/podman/tool:1";
      String unused = run(with(podman, "push", "-q", "--tls-verify=false", name, other));
      assertThat(engine.images().pull(other).config().diffIds())
          .isEqualTo(engine.images().get("localhost/tool:1").config().diffIds());
    }
  }

  private static String[] with(String[] command, String... more) {
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return all;
  }
}
