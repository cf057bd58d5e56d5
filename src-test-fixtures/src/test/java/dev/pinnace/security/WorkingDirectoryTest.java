package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.ScopedContainer;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExecSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** CVE-2024-21626: a working directory through a descriptor that leads to the host. */
@Needs({"root", "gcc"})
class WorkingDirectoryTest {
  private static final int FIRST = 3;
  private static final int LAST = 64;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @Test
  void run_descriptorsAreRefused() {
    for (int fd = FIRST; fd <= LAST; fd++) {
      String directory = "/proc/self/fd/" + fd;
      var spec = Tools.container(PLACE.pinnace(), "ls", "-a", ".").workdir(directory);
      assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
          .as(directory)
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining(directory);
    }
  }

  @Test
  void run_imagesWorkingDirectoryIsRefusedToo() {
    String image =
        new HostileImage()
            .symlink("work", "/proc/self/fd/8")
            .workdir("/work/../../../")
            .load(PLACE.pinnace(), PLACE.directory(), "work");
    for (String directory : new String[] {"/work", "/work/..", "/proc/self/fd/7/../../.."}) {
      assertThatThrownBy(
              () ->
                  PLACE
                      .pinnace()
                      .containers()
                      .run(ContainerSpec.image(image).command("/probe").workdir(directory)))
          .as(directory)
          .isInstanceOf(StartFailedException.class);
    }
  }

  @Test
  void exec_descriptorsAreRefused() {
    try (ScopedContainer container =
        PLACE.pinnace().containers().scoped(Tools.container(PLACE.pinnace(), "sleep", "600"))) {
      for (int fd = FIRST; fd <= LAST; fd++) {
        ExecSpec spec = ExecSpec.of("ls", "-a", ".").withWorkdir("/proc/self/fd/" + fd);
        assertThatThrownBy(() -> container.execute(spec))
            .as("descriptor %s", fd)
            .isInstanceOf(StartFailedException.class);
      }
      assertThat(container.execute(ExecSpec.of("sh", "-c", "pwd").withWorkdir("/etc")).stdout())
          .isEqualTo("/etc\n");
    }
  }
}
