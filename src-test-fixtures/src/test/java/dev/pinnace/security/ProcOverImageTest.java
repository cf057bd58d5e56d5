package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc or /sys of the container is
 * not what the runtime takes it for.
 */
@Needs({"root", "gcc"})
class ProcOverImageTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpec spec(String image, Mount... mounts) {
    var spec = ContainerSpec.image(image).command("/probe", "calls");
    for (Mount mount : mounts) {
      spec.mount(mount);
    }
    return spec.build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "sys"})
  void image_kernelDirectoryIsALink(String name) {
    String image =
        new HostileImage()
            .dir("fake")
            .symlink(name, "fake")
            .load(PLACE.pinnace(), PLACE.directory(), "link-" + name);
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec(image)))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("/" + name)
        .hasMessageContaining("not a link");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc", "/proc/", "/proc/sys", "/x/../proc/self", "/sys", "//proc", "/"})
  void mount_overKernelFilesIsRefused(String target) {
    assertThatThrownBy(() -> Mount.tmpfs().at(target)).isInstanceOf(InvalidSpecException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc", "/proc/sys", "/proc/self/attr", "/proc/self/../fs"})
  void mount_throughALinkOfTheImageIsRefused(String target) throws IOException {
    Path fake = Files.createDirectories(PLACE.directory().resolve("fake-proc"));
    String image =
        new HostileImage()
            .symlink("data", target)
            .load(PLACE.pinnace(), PLACE.directory(), "data" + target.replaceAll("[/.]+", "-"));
    assertThatThrownBy(
            () -> PLACE.pinnace().containers().run(spec(image, Mount.bind(fake).at("/data"))))
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("/data");
    assertThat(fake).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "..", "/usr/../."})
  void mount_throughALinkToTheRootIsRefusedBeforeAnythingIsMade(String target) throws IOException {
    Path fake = Files.createDirectories(PLACE.directory().resolve("fake-root"));
    String image =
        new HostileImage()
            .dir("usr")
            .symlink("link", target)
            .load(PLACE.pinnace(), PLACE.directory(), "root-" + target.hashCode());
    for (Mount mount : List.of(Mount.bind(fake), Mount.tmpfs())) {
      assertThatThrownBy(() -> PLACE.pinnace().containers().create(spec(image, mount.at("/link"))))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessage(
              "nothing may be mounted on /, where a link of the image leads /link: choose another"
                  + " place");
    }
    assertThat(PLACE.pinnace().containers().list(ContainerFilter.all())).isEmpty();
  }
}
