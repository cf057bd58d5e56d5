package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A setuid program of the image, with and without no-new-privileges. */
@Needs({"root", "gcc"})
class SetuidTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @Test
  void setuid_grantsRootUnlessForbidden() throws IOException {
    String image =
        new HostileImage()
            .file("setuid", Files.readAllBytes(Path.of(Tools.probe())), 04755)
            .load(PLACE.pinnace(), PLACE.directory(), "setuid");
    var spec = ContainerSpec.image(image).command("/setuid", "user").user("1000:1000");
    assertThat(Tools.output(PLACE.pinnace(), spec)).startsWith("uid 1000 0 0\n");
    assertThat(Tools.output(PLACE.pinnace(), spec.noNewPrivileges()))
        .startsWith("uid 1000 1000 1000\n");
  }
}
