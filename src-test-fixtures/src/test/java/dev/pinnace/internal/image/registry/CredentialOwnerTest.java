package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.image.registry.auth.CredentialStore;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root logs in with the home directory of somebody else. */
@Needs("root")
class CredentialOwnerTest {
  private static final RegistryCredentials BOB = RegistryCredentials.of("bob", "x");

  @TempDir Path directory;

  private CredentialStore store() {
    return new CredentialStore(
        Registries.builder().build(), Map.of("HOME", directory.resolve("home").toString()));
  }

  private void assertOwner(Dir dir, String path, int permissions) {
    FileStat stat = dir.stat(path);
    assertThat(stat.uid()).as(path).isEqualTo(1234);
    assertThat(stat.gid()).as(path).isEqualTo(4321);
    assertThat(stat.permissions()).as(path).isEqualTo(permissions);
  }

  @Test
  void store_leavesEverythingToTheUser() throws IOException {
    try (Dir dir = Dir.open(directory)) {
      dir.mkdir("home", 0755);
      dir.chown("home", 1234, 4321);
      store().store("r.example", BOB);
      assertOwner(dir, "home/.docker", 0700);
      assertOwner(dir, "home/.docker/config.json", 0600);

      Files.writeString(directory.resolve("home/.docker/config.json"), "{}");
      dir.chown("home/.docker", 0, 0);
      dir.chmod("home/.docker/config.json", 0640);
      store().store("r.example", BOB);
      assertOwner(dir, "home/.docker/config.json", 0640);
      assertThat(store().erase("r.example")).isTrue();
      assertOwner(dir, "home/.docker/config.json", 0640);
    }
  }
}
