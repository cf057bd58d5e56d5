package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Binds in which the container's root is somebody else on the host. */
@Needs({"root", "busybox", "user-namespaces"})
class OwnedMountTest {
  private static final int USER = 1000;
  private static final int GROUP = 100;
  private static final String IMAGE = "localhost/busy";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder shell(String script) {
    if (PLACE.pinnace().images().find(IMAGE).isEmpty()) {
      PLACE.pinnace().images().host("busybox").named(IMAGE).build();
    }
    return ContainerSpec.image(IMAGE).command("busybox", "sh", "-c", script);
  }

  private static Path source() throws IOException {
    Path source = Files.createDirectory(PLACE.directory().resolve(UUID.randomUUID().toString()));
    give(source, USER, GROUP);
    give(Files.writeString(source.resolve("owners"), "x"), USER, GROUP);
    Files.writeString(source.resolve("roots"), "x");
    give(Files.writeString(source.resolve("others"), "x"), 33, 33);
    return source;
  }

  private static void give(Path path, int uid, int gid) throws IOException {
    Files.setAttribute(path, "unix:uid", uid);
    Files.setAttribute(path, "unix:gid", gid);
  }

  private static String owner(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid") + ":" + Files.getAttribute(path, "unix:gid");
  }

  private static Mount owned(Path source) {
    return Mount.bind(source).at("/m").ownedBy(USER, GROUP);
  }

  private static String output(ContainerSpecBuilder spec) {
    RunResult result = PLACE.pinnace().containers().run(spec);
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return result.stdout();
  }

  @Test
  void ownedBy_rootMakesFilesOfTheOwner() throws IOException {
    Path source = source();
    String said =
        output(
            shell(
                    "cd /m; : >made; mkdir dir; busybox chown 33:33 dir;"
                        + " busybox stat -c '%n %u:%g' owners roots others made dir;"
                        + " (: >roots) 2>/dev/null || echo roots is not written;"
                        + " busybox chown 0:0 others")
                .mount(owned(source)));
    assertThat(said.lines())
        .containsExactly(
            "owners 0:0",
            "roots 65534:65534",
            "others 33:33",
            "made 0:0",
            "dir 33:33",
            "roots is not written");
    assertThat(owner(source.resolve("made"))).isEqualTo("1000:100");
    assertThat(owner(source.resolve("dir"))).isEqualTo("33:33");
    assertThat(owner(source.resolve("others"))).isEqualTo("1000:100");
    assertThat(owner(source.resolve("roots"))).isEqualTo("0:0");
  }

  @Test
  void ownedBy_inAUserNamespace() throws IOException {
    Path source = source();
    String said =
        output(
            shell("cd /m; : >made; busybox stat -c '%n %u:%g' owners made")
                .mount(owned(source))
                .userMap(200_000, 200_000, 65_536));
    assertThat(said).isEqualTo("owners 0:0\nmade 0:0\n");
    assertThat(owner(source.resolve("made"))).isEqualTo("1000:100");
  }

  @Test
  void ownedBy_withASubPath_readOnly_andAfterARestart() throws IOException {
    Path source = source();
    Path below = Files.createDirectory(source.resolve("below"));
    give(below, USER, GROUP);
    Mount other = Mount.bind(source).at("/other").ownedBy(7, 8).asReadOnly();
    String script = "busybox stat -c %u:%g /m; (: >/other/x) 2>/dev/null || echo refused; : >>/m/x";
    Container container =
        PLACE
            .pinnace()
            .containers()
            .create(shell(script).mount(owned(source).subPath("below")).mount(other));
    try {
      for (int run = 1; run <= 2; run++) {
        container.start();
        assertThat(container.await().code()).isZero();
      }
      assertThat(container.logs().read())
          .extracting(line -> line.text())
          .containsExactly("0:0", "refused", "0:0", "refused");
      assertThat(owner(below.resolve("x"))).isEqualTo("1000:100");
    } finally {
      container.remove(true);
    }
  }

  @Test
  void ownedBy_onAFileSystemThatCannot_isRefused() {
    ContainerSpecBuilder spec =
        shell("true").mount(Mount.bind(Path.of("/sys")).at("/m").ownedBy(USER, GROUP));
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("the owner 1000:100 of the mount on /m")
        .hasMessageContaining("map the owners in /sys: EINVAL");
  }

  @Test
  void ownedBy_moreOwnersThanThereArePlaces_isRefused() throws IOException {
    Path source = source();
    ContainerSpecBuilder spec = shell("true").userMap(200_000, 200_000, 65_536).init();
    for (int i = 1; i <= 4; i++) {
      spec.mount(Mount.bind(source).at("/m" + i).ownedBy(i, i));
    }
    assertThat(output(spec)).isEmpty();
    spec.mount(Mount.bind(source).at("/m5").ownedBy(5, 5));
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage("mounts of a container can have 4 owners, not 5");
  }
}
