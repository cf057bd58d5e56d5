package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where binds come from and where they land, whatever links are on the way. */
@Needs({"root", "gcc"})
class MountPlacesTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static Path source;
  private static Path host;

  @BeforeAll
  static void makeSource() throws IOException {
    host = Files.createDirectory(PLACE.directory().resolve("host"));
    Files.writeString(host.resolve("canary"), "host\n");
    source = Files.createDirectory(PLACE.directory().resolve("source"));
    Files.createDirectories(source.resolve("a/b"));
    Files.writeString(source.resolve("a/b/file"), "in a/b\n");
    Files.createSymbolicLink(source.resolve("inside"), Path.of("a/b"));
    Files.createSymbolicLink(source.resolve("absolute"), Path.of("/a/b"));
    Files.createSymbolicLink(source.resolve("out"), host);
    Files.createSymbolicLink(source.resolve("up"), Path.of("../host"));
    Files.createSymbolicLink(source.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(source.resolve("magic"), Path.of("/proc/self/cwd"));
  }

  private static ContainerSpecBuilder tools(String... command) {
    return Tools.container(PLACE.pinnace(), command);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "./a//b/", "inside", "absolute", "inside/."})
  void subPath_ofADirectory(String path) {
    for (ContainerSpecBuilder spec :
        List.of(
            tools("cat", "/m/file"), tools("cat", "/m/file").userMap(200_000, 200_000, 65_536))) {
      assertThat(
              Tools.output(PLACE.pinnace(), spec.mount(Mount.bind(source).at("/m").subPath(path))))
          .isEqualTo("in a/b\n");
    }
  }

  @Test
  void subPath_ofAFile_andReadOnly() {
    Mount mount = Mount.bind(source).at("/new/place").subPath("a/b/file").asReadOnly();
    assertThat(
            Tools.output(
                PLACE.pinnace(),
                tools("sh", "-c", "cat /new/place; (: >/new/place) 2>/dev/null || echo refused")
                    .mount(mount)))
        .isEqualTo("in a/b\nrefused\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"out", "up", "up/canary", "missing", "a/b/file/x", "loop", "magic"})
  void subPath_thatLeadsOutOrNowhere_isRefused(String path) {
    ContainerSpecBuilder spec = tools("true").mount(Mount.bind(source).at("/m").subPath(path));
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("the source of the mount on /m does not exist: " + path + " in " + source);
  }

  @Test
  void subPath_ofAFileAsSource_isRefused() {
    ContainerSpecBuilder spec =
        tools("true").mount(Mount.bind(source.resolve("a/b/file")).at("/m").subPath("x"));
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("/a/b/file is not a directory");
  }

  @Test
  void subPath_thatWentBeforeTheStart_isNamed() throws IOException {
    Path gone = Files.createDirectory(source.resolve("gone"));
    Container container =
        PLACE
            .pinnace()
            .containers()
            .create(tools("true").mount(Mount.bind(source).at("/m").subPath("gone")));
    try {
      Files.delete(gone);
      assertThatThrownBy(container::start)
          .isInstanceOf(StartFailedException.class)
          .hasMessageContaining("look for gone in " + source)
          .hasMessageContaining("make it first");
      Files.createSymbolicLink(gone, host);
      assertThatThrownBy(container::start).isInstanceOf(StartFailedException.class);
    } finally {
      container.remove(true);
      Files.deleteIfExists(gone);
    }
  }

  /** What is missing is made in the container's own layer, wherever links of the image lead. */
  @ParameterizedTest
  @CsvSource({
    "link/new, /etc/new",
    "dangling/new, /made/here/new",
    "up/new, /escape/new",
    "file-link, /made/file",
    "absolute/new, /absolute-host/new",
  })
  void target_throughLinksOfTheImage_staysInTheContainer(String target, String lands)
      throws IOException {
    String name = "places-" + target.replace('/', '-');
    String image =
        new HostileImage()
            .dir("etc")
            .symlink("link", "/etc")
            .symlink("dangling", "/made/here")
            .symlink("up", "../../../../../../../escape")
            .symlink("file-link", "/made/file")
            .symlink("absolute", "/absolute-host")
            .load(PLACE.pinnace(), PLACE.directory(), name);
    boolean file = target.equals("file-link");
    Path from = file ? source.resolve("a/b/file") : source.resolve("a/b");
    var result =
        PLACE
            .pinnace()
            .containers()
            .run(
                ContainerSpec.image(image)
                    .command("/probe", "descriptors")
                    .mount(Mount.bind(from).at("/" + target))
                    .mount(Mount.tmpfs().at("/t")));
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    assertThat(Path.of(lands)).doesNotExist();
    assertThat(host).isDirectoryNotContaining(path -> !path.endsWith("canary"));

    ContainerSpecBuilder spec =
        ContainerSpec.image(image).command("/probe").mount(Mount.bind(from).at("/" + target));
    Container container = PLACE.pinnace().containers().create(spec);
    try {
      container.start();
      container.await();
      assertThat(container.diff())
          .extracting(change -> change.path())
          .noneMatch(path -> path.startsWith("/link") || path.startsWith("/up"));
    } finally {
      container.remove(true);
    }
  }
}
