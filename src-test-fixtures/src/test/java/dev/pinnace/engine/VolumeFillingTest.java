package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a new volume has of the image. */
class VolumeFillingTest extends VolumeFixture {
  /** All that is to be told of the files in a directory. */
  private static final String TREE =
      "cd $1; busybox find . | busybox sort | while read -r f; do busybox stat -c '%n %F %a %u:%g %h"
          + " %t:%T %s %Y' \"$f\"; done; busybox find . -type f | busybox sort | busybox xargs"
          + " busybox md5sum; [ one -ef d/two ] && echo same file; busybox readlink l";

  private static final String MAKE =
      "busybox mkdir -p /work/d/e; echo one >/work/one; busybox ln /work/one /work/d/two; busybox ln"
          + " -s /etc/../nowhere /work/l; busybox mkfifo /work/p; busybox mknod /work/null c 1 3;"
          + " busybox chown 12:34 /work/one; busybox chmod 4711 /work/one; busybox chmod 1777"
          + " /work/d; busybox chown 5:6 /work; busybox chmod 2750 /work; busybox dd if=/dev/zero"
          + " of=/work/big bs=1k seek=50000 count=1 2>/dev/null; busybox touch -h -d @1000000000"
          + " /work/one /work/d/e /work/d /work/l /work";

  private static String tree(String directory) {
    return "set -- " + directory + ";" + TREE;
  }

  private static Mount dataOn(String target) {
    return Mount.volume("data").at(target);
  }

  @Test
  void empty_isFilledWithEverythingThereIs() throws Exception {
    imageOf("filled:1", MAKE);
    String image = run(of("filled:1", tree("/work")));
    String volume = run(of("filled:1", tree("/work")).mount(dataOn("/work")));
    assertThat(volume)
        .isEqualTo(image)
        .contains("same file", ". directory 2750 5:6", "4711 12:34 2");
    assertThat(blocks(data("data").resolve("big"))).isLessThanOrEqualTo(blocks(inImage("big")));
    assertThat(Files.size(data("data").resolve("big"))).isEqualTo(50001 * 1024);
    assertThat(root().resolve("volumes/data/filled")).doesNotExist();
  }

  private static long blocks(Path file) {
    try (Dir dir = Dir.open(file.getParent())) {
      return dir.stat(String.valueOf(file.getFileName())).blocks();
    }
  }

  private static Path inImage(String name) throws IOException {
    try (Stream<Path> files = Files.walk(root().resolve("layers"))) {
      return files.filter(file -> file.endsWith(Path.of("work", name))).findFirst().orElseThrow();
    }
  }

  @Test
  void xattrs_areKept() throws Exception {
    Path host = Files.createDirectory(PLACE.directory().resolve("tree"));
    Files.writeString(host.resolve("file"), "x");
    try (Dir dir = Dir.open(host)) {
      byte[] chown = {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
      dir.setXattr("file", "security.capability", chown);
      Container container = engine.containers().create(waiting());
      container.copyIn(host, "/tree", CopyOptions.DEFAULTS.withOwners());
      container.commit(CommitSpec.named("caps:1"));
      run(of("caps:1", "true").mount(dataOn("/tree")));
      try (Dir copied = Dir.open(data("data"))) {
        assertThat(copied.getXattr("file", "security.capability")).isEqualTo(chown);
      }
    }
  }

  @Test
  void populated_isLeftAlone() throws Exception {
    imageOf("filled:1", MAKE);
    engine.volumes().create("data");
    Files.writeString(data("data").resolve("mine"), "kept");
    assertThat(run(of("filled:1", "busybox ls /work").mount(dataOn("/work")))).isEqualTo("mine\n");
    assertThat(data("data").resolve("mine")).hasContent("kept");
  }

  @Test
  void noCopy_andSourcesThatAreNone_leaveItEmpty() {
    imageOf("filled:1", MAKE);
    assertThat(run(of("filled:1", "busybox ls /work").mount(dataOn("/work").withoutCopy())))
        .isEmpty();
    assertThat(run(of("filled:1", "busybox ls /nothing").mount(dataOn("/nothing")))).isEmpty();
    assertThatThrownBy(
            () -> engine.containers().create(of("filled:1", "true").mount(dataOn("/work/one/x"))))
        .isInstanceOf(ConflictException.class);
  }

  @Test
  void aFileInTheImage_isRefused() {
    imageOf("filled:1", MAKE, "VOLUME /work/one");
    assertThatThrownBy(() -> engine.containers().create(of("filled:1", "true")))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("cannot be mounted on /work/one, which is no directory in the image");
    assertThat(names()).isEmpty();
  }

  /** CVE-2022-23648: an image's links lead nowhere on the host. */
  @Test
  void linksOfTheImage_stayInTheImage() throws Exception {
    Path host = Files.createDirectory(PLACE.directory().resolve("canary"));
    Files.writeString(host.resolve("secret"), "the host's");
    String up = "../".repeat(20);
    imageOf(
        "evil:1",
        "busybox mkdir -p /real/inner; echo image >/real/inner/file; busybox ln -s "
            + host
            + " /absolute; busybox ln -s "
            + up
            + host
            + " /relative; busybox ln -s /real /good; busybox ln -s /loop /loop; busybox ln -s "
            + host
            + " /real/inner/link",
        "VOLUME /absolute");
    run(of("evil:1", "true").mount(Mount.volume("rel").at("/relative")));
    assertThat(data("rel")).isEmptyDirectory();
    run(of("evil:1", "true").mount(Mount.volume("upwards").at("/" + up + "absolute/")));
    assertThat(
            run(of("evil:1", "cat /good/inner/file").mount(Mount.volume("good").at("/good/inner"))))
        .isEqualTo("image\n");
    assertThat(data("good").resolve("file")).hasContent("image\n");
    assertThat(Files.isSymbolicLink(data("good").resolve("link"))).isTrue();
    assertThatThrownBy(
            () ->
                engine
                    .containers()
                    .create(of("evil:1", "true").mount(Mount.volume("lo").at("/loop"))))
        .isInstanceOf(ConflictException.class);
    for (String name : names()) {
      assertThat(data(name).resolve("secret")).doesNotExist();
    }
    assertThat(host.toFile().list()).containsExactly("secret");
  }

  @Test
  void runningUser_seesTheFilesThatComeLater() throws Exception {
    imageOf("filled:1", MAKE);
    Container early =
        ready(engine.containers().start(waiting().name("early").mount(dataOn("/early"))));
    engine.containers().create(of("filled:1", "true").mount(dataOn("/work")));
    assertThat(early.execute("busybox", "sh", "-c", "cat /early/one").stdout()).isEqualTo("one\n");
    assertThat(early.execute("busybox", "stat", "-c", "%a %u:%g", "/early").stdout())
        .isEqualTo("2750 5:6\n");
  }

  @Test
  void filledDirectory_ofAKilledProcess_isFinished() throws Exception {
    engine.volumes().create("data");
    Path volume = root().resolve("volumes/data");
    Files.createDirectories(volume.resolve("filled/content/rest/deep"));
    Files.writeString(volume.resolve("filled/content/moved"), "the image's");
    Files.createDirectory(volume.resolve("filled/like"));
    Files.setAttribute(volume.resolve("filled/like"), "unix:uid", 77, LinkOption.NOFOLLOW_LINKS);
    Files.writeString(volume.resolve("_data/moved"), "written since");
    assertThat(run(shell("busybox ls /v; cat /v/moved").mount(dataOn("/v"))))
        .isEqualTo("moved\nrest\nwritten since");
    assertThat(Files.getAttribute(data("data"), "unix:uid")).isEqualTo(77);
    Files.createDirectories(volume.resolve("filled/content/second"));
    Files.createDirectory(volume.resolve("filled/like"));
    engine().close();
    assertThat(data("data").resolve("second")).isDirectory();
    assertThat(volume.resolve("filled")).doesNotExist();
  }

  @Test
  void userMap_ownsTheVolumeAndItsFiles() throws Exception {
    imageOf("filled:1", MAKE);
    String tree = run(of("filled:1", tree("/work")));
    assertThat(
            run(
                of("filled:1", tree("/work"))
                    .mount(dataOn("/work"))
                    .userMap(100_000, 100_000, 65536)))
        .isEqualTo(tree.replace("4711", "4711"));
    assertThat(Files.getAttribute(data("data").resolve("one"), "unix:uid")).isEqualTo(100_012);
    assertThat(
            run(
                shell("echo x >/new/file; cat /new/file")
                    .mount(Mount.volume("new").at("/new"))
                    .userMap(100_000, 100_000, 65536)))
        .isEqualTo("x\n");
  }

  @Test
  void twoAtOnce_oneCorrectCopy() throws Exception {
    imageOf(
        "many:1",
        "busybox mkdir /many; cd /many; i=0; while [ $i -lt 300 ]; do echo $i >$i; i=$((i + 1)); done");
    String image = run(of("many:1", "cat /many/*"));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Pinnace other = engine()) {
      for (int round = 0; round < 5; round++) {
        Mount mount = Mount.volume("round" + round).at("/many");
        List<Future<String>> runs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          Pinnace one = i % 2 == 0 ? engine : other;
          runs.add(
              threads.submit(
                  () ->
                      one.containers()
                          .run(of("many:1", "cat /many/*; echo x >/many/new").mount(mount))
                          .stdout()));
        }
        for (Future<String> run : runs) {
          assertThat(run.get()).startsWith(image);
        }
        assertThat(data("round" + round).toFile().list()).hasSize(301);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
