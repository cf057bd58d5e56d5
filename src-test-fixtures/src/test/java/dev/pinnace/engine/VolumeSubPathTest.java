package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of volumes that are mounted alone. */
class VolumeSubPathTest extends VolumeFixture {
  @TempDir private Path elsewhere;

  @BeforeEach
  void makeVolume() throws IOException {
    Files.writeString(elsewhere.resolve("canary"), "host");
    engine.volumes().create("data");
    fill(data("data"));
  }

  private void fill(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(directory.resolve("top"), "top");
    Files.writeString(directory.resolve("a/b/file"), "below");
    Files.createSymbolicLink(directory.resolve("inside"), Path.of("a/b"));
    Files.createSymbolicLink(directory.resolve("absolute"), Path.of("/a/b"));
    Files.createSymbolicLink(directory.resolve("out"), elsewhere);
    Files.createSymbolicLink(directory.resolve("up"), Path.of("../../elsewhere"));
    Files.createSymbolicLink(directory.resolve("loop"), Path.of("loop"));
    Files.createSymbolicLink(directory.resolve("magic"), Path.of("/proc/self/cwd"));
  }

  private static Mount below(String path) {
    return Mount.volume("data").at("/m").subPath(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "./a//b/", "inside", "absolute"})
  void directory_isMountedAlone_andWrittenTo(String path) {
    String seen =
        run(
            shell("busybox ls /m; busybox cat /m/file; echo new > /m/new; busybox ls -a /m/..")
                .mount(below(path)));
    assertThat(seen).startsWith("file\nbelow").doesNotContain("top\n");
    assertThat(data("data").resolve("a/b/new")).hasContent("new");
  }

  @Test
  void file_isMounted_readOnlyToo() {
    assertThat(
            run(
                shell("busybox cat /m; (: > /m) 2>/dev/null || echo refused")
                    .mount(below("a/b/file").asReadOnly())))
        .isEqualTo("belowrefused\n");
    assertThat(data("data").resolve("a/b/file")).hasContent("below");
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "out", "out/canary", "up", "a/b/file/x", "loop", "magic"})
  void whatLeadsOutOrNowhere_isRefused_andMakesNothing(String path) {
    assertThatThrownBy(() -> engine.containers().run(shell("true").mount(below(path))))
        .isInstanceOf(NotFoundException.class)
        .hasMessage(
            "the source of the mount on /m does not exist: " + path + " in " + data("data"));
    assertThat(engine.containers().list(ContainerFilter.all())).isEmpty();
    assertThat(data("data").resolve("missing")).doesNotExist();
    engine.volumes().get("data").remove();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../x", "a/../../x", "/a/b", ""})
  void whatIsNotBelow_isRefusedBeforeAllElse(String path) {
    assertThatThrownBy(() -> below(path))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("stays in it: \"" + path + "\"");
  }

  /** It is looked for at each start, by the kernel, and not where it was before. */
  @Test
  void directory_thatGoesOrBecomesALink_failsTheStart() throws IOException {
    Path gone = Files.createDirectory(data("data").resolve("gone"));
    Container container = engine.containers().create(shell("echo ran").mount(below("gone")));
    Files.delete(gone);
    assertThatThrownBy(container::start)
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("look for gone in " + data("data"));
    Files.createSymbolicLink(gone, elsewhere);
    assertThatThrownBy(container::start).isInstanceOf(StartFailedException.class);
    Files.delete(gone);
    Files.createDirectory(gone);
    container.start();
    assertThat(container.await().code()).isZero();
    assertThat(elsewhere.resolve("canary")).hasContent("host");
  }

  /** A new volume is empty, and with a sub-path it is not filled. */
  @Test
  void newVolume_hasNone() {
    Container container =
        engine
            .containers()
            .create(shell("true").mount(Mount.volume("fresh").at("/m").subPath("a")));
    assertThatThrownBy(container::start)
        .isInstanceOf(StartFailedException.class)
        .hasMessageContaining("look for a in " + data("fresh"));
    container.remove(true);
    assertThat(data("fresh")).isEmptyDirectory();
  }

  @Test
  void volumeThatIsADirectoryElsewhere_hasSubPathsToo() throws IOException {
    fill(elsewhere);
    VolumeSpec bound =
        VolumeSpec.named("bound")
            .withOption("type", "none")
            .withOption("device", elsewhere.toString())
            .withOption("o", "bind");
    engine.volumes().create(bound);
    assertThat(
            run(shell("busybox cat /m/file").mount(Mount.volume("bound").at("/m").subPath("a/b"))))
        .isEqualTo("below");
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .run(shell("true").mount(Mount.volume("bound").at("/m").subPath("up"))))
        .isInstanceOf(NotFoundException.class);
  }
}
