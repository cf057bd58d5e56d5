package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CVE-2026-41579, CVE-2026-47766: the image's /dev is a link; CVE-2025-31133, CVE-2025-52565,
 * CVE-2025-52881: files of /dev and /proc that the runtime uses are somebody else's.
 */
@Needs({"root", "gcc"})
class HostileDevTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @ParameterizedTest
  @ValueSource(strings = {"/%s", "../../../../../..%s", "/proc/self/root%s", "/proc/1/root%s"})
  void dev_linkToTheHost(String form) throws IOException {
    Path canary = Files.createDirectories(PLACE.directory().resolve("canary"));
    Files.writeString(canary.resolve("file"), "unchanged");
    String image =
        new HostileImage()
            .symlink("dev", form.formatted(canary).replace("//", "/"))
            .load(PLACE.pinnace(), PLACE.directory(), "dev" + Math.abs(form.hashCode()));
    try {
      PLACE.pinnace().containers().run(ContainerSpec.image(image).command("/probe", "calls"));
    } catch (StartFailedException refused) {
      assertThat(refused).hasMessageContaining("/dev");
    }
    assertThat(canary).isDirectoryNotContaining(file -> !file.endsWith("file"));
    assertThat(canary.resolve("file")).hasContent("unchanged");
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev/null", "dev/console", "dev/pts", "dev/shm", "dev/ptmx", "dev/fd"})
  void dev_swappedFilesOfTheImageAreNeverUsed(String name) throws IOException {
    Path core = Path.of("/proc/sys/kernel/core_pattern");
    String before = Files.readString(core);
    String image =
        new HostileImage()
            .dir("dev")
            .symlink(name, "/proc/sys/kernel/core_pattern")
            .load(PLACE.pinnace(), PLACE.directory(), "swapped" + name.replace('/', '-'));
    String out =
        Tools.output(PLACE.pinnace(), ContainerSpec.image(image).command("/probe", "descriptors"));
    assertThat(out).startsWith("0 /dev/null\n");
    assertThat(Files.readString(core)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"etc/hosts", "etc/hostname", "etc/resolv.conf", "etc"})
  void etc_linksStayInTheContainer(String name) throws IOException {
    Path canary = PLACE.directory().resolve("never-made");
    HostileImage hostile = new HostileImage();
    if (name.contains("/")) {
      hostile.dir("etc");
    }
    String image =
        hostile
            .symlink(name, "../../../.." + canary)
            .load(PLACE.pinnace(), PLACE.directory(), "etc" + name.replace('/', '-'));
    try {
      PLACE.pinnace().containers().run(ContainerSpec.image(image).command("/probe", "true"));
    } catch (StartFailedException refused) {
      assertThat(refused).hasMessageContaining("/etc");
    }
    assertThat(canary).doesNotExist();
  }

  @Test
  void maskedPaths_useTheContainersOwnNullDevice() {
    String out =
        Tools.output(
            PLACE.pinnace(),
            Tools.container(
                PLACE.pinnace(), "stat", "-c", "%F %t:%T", "/proc/keys", "/proc/timer_list"));
    assertThat(out.lines()).containsOnly("character special file 1:3");
  }
}
