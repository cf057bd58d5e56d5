package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers with hundreds of mounts, more than a process may have descriptors by default. */
@Needs({"root", "gcc"})
class ManyMountsTest {
  private static final int MOUNTS = 500;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder container(String name) throws IOException {
    Path sources = Files.createDirectory(PLACE.directory().resolve(name));
    ContainerSpecBuilder spec = Tools.container(PLACE.pinnace(), Tools.probe(), "descriptors");
    for (int i = 0; i < MOUNTS; i++) {
      Path source = Files.createDirectory(sources.resolve("source" + i));
      Files.writeString(source.resolve("name"), i + "\n");
      spec.mount(Mount.bind(source).at("/m/" + i).asReadOnly());
    }
    Path file = Files.writeString(sources.resolve("file"), "a file\n");
    return spec.mount(Mount.bind(file).at("/file").asReadOnly());
  }

  private static void check(ContainerSpecBuilder spec) {
    assertThat(Tools.output(PLACE.pinnace(), spec).lines()).as("open descriptors").hasSize(3);
    StringBuilder files = new StringBuilder();
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < MOUNTS; i++) {
      files.append(" /m/").append(i).append("/name");
      names.append(i).append('\n');
    }
    String script = "cat" + files + " /file; touch /m/499/new 2>/dev/null || echo read-only";
    assertThat(Tools.output(PLACE.pinnace(), spec.command("sh", "-c", script)))
        .isEqualTo(names + "a file\nread-only\n");
  }

  @Test
  void binds_byHundreds() throws IOException {
    check(container("plain"));
  }

  @Test
  @Needs("user-namespaces")
  void binds_byHundreds_inAUserNamespace() throws IOException {
    check(container("mapped").userMap(200_000, 200_000, 65_536));
  }
}
