package dev.pinnace.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.PushOptions;
import dev.pinnace.examples.RegistryExample;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.fixtures.registry.TestRegistry;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Registries;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second example of the read-me, run. */
@Needs("root")
class RegistryExampleTest {
  @TempDir private Path directory;

  private static String printed(Runnable example) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example.run();
    } finally {
      System.setOut(before);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void show_pullsRunsAndLeavesNothing() {
    try (TestRegistry registry = TestRegistry.start();
        Pinnace engine =
            Pinnace.builder()
                .root(directory.resolve("root"))
                .runDirectory(directory.resolve("run"))
                .registries(Registries.builder().withoutDockerConfig().build())
                .open()) {
      String name = registry.address() + "/tools:1";
      engine.images().host("sh", "sleep", "id").named(name).build();
      Digest unused =
          engine.images().push(ImageReference.parse(name), PushOptions.DEFAULTS).await();
      engine.images().remove(name, false);

      assertThat(printed(() -> RegistryExample.show(engine, name))).contains("uid=0", "ready\n");
      assertThat(engine.images().find(name)).isPresent();
      assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
    }
  }
}
