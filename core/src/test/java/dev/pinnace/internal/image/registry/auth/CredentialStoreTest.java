package dev.pinnace.internal.image.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Docker's {@code config.json} as it is read and written. */
class CredentialStoreTest {
  private static final String ANN = "{\"auth\":\"YW5uOnNlYzpyZXQ=\"}";

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("config.json");
  }

  private CredentialStore store() {
    return new CredentialStore(
        Registries.builder().build(), Map.of("DOCKER_CONFIG", directory.toString()));
  }

  private CredentialStore store(String config) throws IOException {
    Files.writeString(file(), config);
    return store();
  }

  @Test
  void find_inWhatIsNoFileOrHasNoEnd_isRefused() throws Exception {
    try (Dir dir = Dir.open(directory)) {
      dir.mknod("config.json", FileType.FIFO.bits() | 0600, 0, 0);
    }
    assertThatThrownBy(() -> store().find("r.example"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("config.json is not a regular file");
    Files.delete(file());
    try (RandomAccessFile large = new RandomAccessFile(file().toFile(), "rw")) {
      large.setLength(100L << 30);
    }
    assertThatThrownBy(() -> store().find("r.example"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("config.json has more than 16777216 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example.org, registry.example.org, true",
    "https://registry.example.org, registry.example.org, true",
    "http://registry.example.org/, registry.example.org, true",
    "https://registry.example.org/v1/, registry.example.org/ann/tool, true",
    "registry.example.org/v2/, registry.example.org/ann/tool, true",
    "registry.example.org, registry.example.org:5000, false",
    "registry.example.org:5000, registry.example.org:5000/x, true",
    "registry.example.org, example.org, false",
    "example.org, registry.example.org, false",
    "registry.example.org/ann, registry.example.org/ann/tool, true",
    "registry.example.org/ann, registry.example.org/anna/tool, false",
    "registry.example.org/ann/tool, registry.example.org/ann/tool, true",
    "https://index.docker.io/v1/, docker.io/library/busybox, true",
    "docker.io, docker.io, true",
    "index.docker.io, docker.io, true",
    "https://index.docker.io/v1/, ghcr.io, false",
    "'[::1]:5000', '[::1]:5000/x', true",
    "registry.example.org, Registry.Example.org/ann/tool, true",
    "https://Registry.example.org/v1/, registry.example.org, true",
  })
  void find_byKey(String key, String repository, boolean found) throws Exception {
    CredentialStore store = store("{\"auths\":{\"" + key + "\":" + ANN + "}}");
    assertThat(store.find(repository).user())
        .isEqualTo(
            found ? Optional.of(RegistryCredentials.of("ann", "sec:ret")) : Optional.empty());
  }

  @Test
  void find_theClosestKeyWins() throws Exception {
    CredentialStore store =
        store(
            "{\"auths\":{\"r.example\":{\"username\":\"all\",\"password\":\"x\"},"
                + "\"r.example/ann\":{\"username\":\"some\",\"password\":\"x\"}}}");
    assertThat(store.find("r.example/ann/tool").user().orElseThrow().user()).isEqualTo("some");
    assertThat(store.find("r.example/bob/tool").user().orElseThrow().user()).isEqualTo("all");
  }

  @ParameterizedTest
  @CsvSource({
    "https://r.example/v1/, r.example, r.example/ann/tool",
    "r.example/v2, r.example, r.example",
    "docker.io, https://index.docker.io/v1/, docker.io/ann/tool",
    "https://r.example/ann, r.example/ann, r.example/ann/tool",
  })
  void find_ofKeysThatFitAlike_theUsualOneWins(String old, String usual, String repository)
      throws Exception {
    String bob = "{\"username\":\"bob\",\"password\":\"x\"}";
    for (String config :
        new String[] {
          "\"" + old + "\":" + ANN + ",\"" + usual + "\":" + bob,
          "\"" + usual + "\":" + bob + ",\"" + old + "\":" + ANN
        }) {
      CredentialStore store = store("{\"auths\":{" + config + "}}");
      assertThat(store.find(repository).user()).contains(RegistryCredentials.of("bob", "x"));
    }
  }

  @Test
  void find_identityToken() throws Exception {
    CredentialStore store =
        store("{\"auths\":{\"r.example\":{\"auth\":\"YW5uOg==\",\"identitytoken\":\"t\"}}}");
    assertThat(store.find("r.example").user()).contains(RegistryCredentials.identityToken("t"));
  }

  @Test
  void find_withoutFile_isNothing() {
    assertThat(store().find("r.example").user()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"auths\":|is not JSON",
        "[]|is not a JSON object",
        "{\"auths\":{\"r.example\":{\"auth\":\"%\"}}}|is not Base64",
        "{\"auths\":{\"r.example\":{\"auth\":\"YW5u\"}}}|is not user:password",
      })
  void find_inADamagedFile_saysWhichAndWhy(String config, String why) throws Exception {
    CredentialStore store = store(config);
    assertThatThrownBy(() -> store.find("r.example"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining(why);
  }

  @Test
  void find_givenCredentials_comeFirst() throws Exception {
    Files.writeString(file(), "{\"auths\":{\"r.example\":" + ANN + "}}");
    RegistryCredentials bob = RegistryCredentials.of("bob", "x");
    CredentialStore store =
        new CredentialStore(
            Registries.builder().dockerConfig(file()).credentials("r.example", bob).build(),
            Map.of());
    assertThat(store.find("r.example/x").user()).contains(bob);
  }

  @Test
  void store_keepsEverythingElse() throws Exception {
    CredentialStore store =
        store(
            "{\"HttpHeaders\":{\"X\":\"y\"},\"auths\":{\"other.example\":"
                + ANN
                + "},\"detachKeys\":\"ctrl-e\",\"n\":1.5}");
    assertThat(store.store("r.example", RegistryCredentials.of("bob", "p\u00e4ss")))
        .isEqualTo(file().toString());
    assertThat(store.find("r.example").user()).contains(RegistryCredentials.of("bob", "p\u00e4ss"));
    assertThat(store.find("other.example").user()).isPresent();
    assertThat(file())
        .content()
        .contains("\"X\" : \"y\"", "\"detachKeys\" : \"ctrl-e\"", "\"n\" : 1.5");
    store.store("docker.io", RegistryCredentials.identityToken("t"));
    assertThat(file()).content().contains("https://index.docker.io/v1/");
    assertThat(store.erase("docker.io")).isTrue();
    assertThat(store.erase("r.example")).isTrue();
    assertThat(store.erase("r.example")).isFalse();
    assertThat(store.find("other.example").user()).isPresent();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void store_replacesOtherNamesOfTheRegistry_butNoRepositories() throws Exception {
    CredentialStore store =
        store(
            "{\"auths\":{\"https://r.example/v1/\":"
                + ANN
                + ",\"r.example/ann\":"
                + ANN
                + ",\"HTTP://R.example\":"
                + ANN
                + "}}");
    store.store("r.example", RegistryCredentials.of("bob", "x"));
    assertThat(file())
        .content()
        .contains("\"r.example\"", "\"r.example/ann\"")
        .doesNotContainIgnoringCase("//r.example");
    assertThat(store.find("r.example/bob/tool").user().orElseThrow().user()).isEqualTo("bob");
  }

  @Test
  void store_throughALink_leavesTheLink() throws Exception {
    Path real = Files.writeString(directory.resolve("real.json"), "{}");
    Files.createSymbolicLink(file(), real);
    store().store("r.example", RegistryCredentials.of("bob", "x"));
    assertThat(file()).isSymbolicLink();
    assertThat(real).content().contains("r.example");
  }

  @Test
  void store_makesItsDirectory() throws IOException {
    Path elsewhere = directory.resolve("a/b/config.json");
    new CredentialStore(Registries.builder().dockerConfig(elsewhere).build(), Map.of())
        .store("r.example", RegistryCredentials.of("bob", "x"));
    assertThat(permissions(elsewhere)).isEqualTo("rw-------");
    assertThat(permissions(directory.resolve("a/b"))).isEqualTo("rwx------");
    assertThat(permissions(directory.resolve("a"))).isEqualTo("rwx------");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void storeAndErase_keepTheMode() throws Exception {
    CredentialStore store = store("{}");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
    store.store("r.example", RegistryCredentials.of("bob", "x"));
    assertThat(permissions(file())).isEqualTo("rw-r-----");
    assertThat(store.erase("r.example")).isTrue();
    assertThat(permissions(file())).isEqualTo("rw-r-----");
  }

  /** Each its own store, as processes would have. */
  @Test
  void storeAndErase_byManyAtOnce_loseNothing() throws Exception {
    int many = 8;
    ExecutorService threads = Executors.newFixedThreadPool(many);
    List<Future<?>> logins = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      String registry = "r" + i + ".example";
      logins.add(
          threads.submit(
              () -> {
                for (int round = 0; round < 5; round++) {
                  store().store("not." + registry, RegistryCredentials.of("bob", "x"));
                  store().store(registry, RegistryCredentials.of("bob", "x"));
                  assertThat(store().erase("not." + registry)).isTrue();
                }
              }));
    }
    for (Future<?> login : logins) {
      login.get();
    }
    threads.shutdown();
    for (int i = 0; i < many; i++) {
      assertThat(store().find("r" + i + ".example").user()).as("login %d", i).isPresent();
      assertThat(store().find("not.r" + i + ".example").user()).as("logout %d", i).isEmpty();
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void erase_ofNothing_makesNothing() throws Exception {
    Path elsewhere = directory.resolve("a/config.json");
    assertThat(
            new CredentialStore(Registries.builder().dockerConfig(elsewhere).build(), Map.of())
                .erase("r.example"))
        .isFalse();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void store_withoutFile_isRefused() {
    CredentialStore store =
        new CredentialStore(Registries.builder().withoutDockerConfig().build(), Map.of());
    assertThat(store.find("r.example").user()).isEmpty();
    assertThatThrownBy(() -> store.store("r.example", RegistryCredentials.of("bob", "x")))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void helper_thatIsNotThere_isNamed() throws Exception {
    CredentialStore store = store("{\"credHelpers\":{\"r.example\":\"of-nobody\"}}");
    assertThatThrownBy(() -> store.find("r.example"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("docker-credential-of-nobody")
        .hasMessageContaining("install it");
  }

  @Test
  void helperOfAllRegistries_thatIsNotThere_isAnObstacleOnly() throws Exception {
    CredentialStore store =
        store("{\"credsStore\":\"of-nobody\",\"auths\":{\"r.example\":" + ANN + "}}");
    assertThat(store.find("r.example").user()).contains(RegistryCredentials.of("ann", "sec:ret"));
    Known other = store.find("other.example");
    assertThat(other.user()).isEmpty();
    assertThat(other.obstacle().orElseThrow()).contains("docker-credential-of-nobody");
    for (Runnable strict :
        List.<Runnable>of(
            () -> store.store("r.example", RegistryCredentials.of("bob", "x")),
            () -> store.erase("r.example"))) {
      assertThatThrownBy(strict::run)
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("docker-credential-of-nobody");
    }
  }

  @ParameterizedTest
  @CsvSource({"../x", "'a b'", "/bin/sh"})
  void helper_withAPathForAName_isRefused(String name) throws Exception {
    CredentialStore store = store("{\"credsStore\":\"" + name + "\"}");
    assertThatThrownBy(() -> store.erase("r.example"))
        .hasMessageContaining("names no helper program");
    assertThat(store.find("r.example").obstacle().orElseThrow())
        .contains("names no helper program");
  }
}
