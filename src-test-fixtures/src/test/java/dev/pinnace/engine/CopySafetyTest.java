package dev.pinnace.engine;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileType;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.Mount;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Copies that a hostile container, an accident or the one who asks might turn into damage. */
class CopySafetyTest extends CopyFixture {
  private static final String WAIT =
      "trap 'exit 0' TERM; echo ready; while :; do busybox sleep 0.05; done";

  @Test
  void copyOut_ofAStranger_givesNobodyMore() throws Exception {
    Container container =
        in(
            Doing.RUNNING,
            shell(
                "busybox mkdir /x; busybox mkfifo /x/pipe; echo >/x/suid; busybox chmod 6755 /x/suid;"
                    + " echo ready; busybox sleep 100"));
    try (Dir directory = Dir.open(host)) {
      directory.mknod("null", FileType.CHARACTER_DEVICE.bits(), 1, 3);
    }
    container.copyIn(host.resolve("null"), "/x");
    container.copyOut("/x", host.resolve("x"));
    assertThat(tree(host.resolve("x"))).containsExactly("pipe", "suid");
    assertThat((int) Files.getAttribute(host.resolve("x/suid"), "unix:mode") & 07777)
        .isEqualTo(0755);
    container.copyOut("/x", host.resolve("y"), CopyOptions.DEFAULTS.withOwners());
    assertThat(tree(host.resolve("y"))).containsExactly("null", "pipe", "suid");
    assertThat((int) Files.getAttribute(host.resolve("y/suid"), "unix:mode") & 07777)
        .isEqualTo(06755);
  }

  @Test
  void copy_followsLinksWithinTheContainerOnly() throws Exception {
    Path secret = Files.writeString(host.resolve("secret"), "the host's");
    Container container =
        in(
            Doing.RUNNING,
            shell(
                "busybox ln -s "
                    + secret
                    + " /up; busybox ln -s ../../../../tmp /here; echo ready;"
                    + " busybox sleep 100"));
    assertThatThrownBy(
            () ->
                container.copyOut(
                    "/up", host.resolve("out"), CopyOptions.DEFAULTS.withFollowedLinks()))
        .isInstanceOf(NotFoundException.class);
    container.copyOut("/up", host.resolve("out"));
    assertThat(Files.isSymbolicLink(host.resolve("out"))).isTrue();
    container.copyIn(host.resolve("dir/one"), "/here");
    assertThat(stdout(container, "busybox", "cat", "/tmp/one")).isEqualTo("1");
    assertThat(Files.readString(secret)).isEqualTo("the host's");
    container.copyIn(host.resolve("to-dir"), "/", CopyOptions.DEFAULTS.withFollowedLinks());
    assertThat(stdout(container, "busybox", "cat", "/to-dir/one")).isEqualTo("1");
  }

  /** CVE-2018-15664: what was looked at is a link to the host when it is written to. */
  @Test
  void copyIn_whileTheDirectoryBecomesALink_neverWritesOnTheHost() throws Exception {
    Path target = Files.createDirectories(host.resolve("target"));
    Files.writeString(target.resolve("secret"), "the host's");
    Container container =
        in(
            Doing.RUNNING,
            shell(
                "busybox mkdir -p /race; echo ready; while :; do busybox mv /race /dir;"
                    + " busybox ln -s "
                    + target
                    + " /race; busybox rm /race; busybox mv /dir /race; done"));
    int done = 0;
    for (int i = 0; i < 100; i++) {
      try {
        container.copyIn(host.resolve("dir/sub/."), "/race");
        done++;
        container.copyOut("/race/", host.resolve("out" + i));
      } catch (PinnaceException vanished) {
        assertThat(vanished).hasMessageContaining("race");
      }
    }
    assertThat(done).isPositive();
    assertThat(tree(target)).containsExactly("secret");
    assertThat(tree(host).stream().filter(path -> path.matches("out.*secret"))).isEmpty();
  }

  /** CVE-2019-14271, CVE-2026-41567: a copy runs and loads nothing of the container's. */
  @Test
  @Needs({"gcc", "gzip"})
  void copy_loadsNoLibraryAndRunsNoProgramOfTheContainer() throws Exception {
    Path loaded = host.resolve("loaded");
    String library =
        "#include <fcntl.h>\n__attribute__((constructor)) static void mark(void) {"
            + " open(\"%s\", O_CREAT, 0600); open(\"/loaded\", O_CREAT, 0600); }\n";
    Path source = Files.writeString(host.resolve("mark.c"), library.formatted(loaded));
    Path trap = Files.createDirectories(host.resolve("trap"));
    run("gcc", "-shared", "-fPIC", "-o", trap + "/libnss_files.so.2", source.toString());
    for (String name : List.of("libnss_compat.so.2", "libc.so.6", "libnss_trap.so.2")) {
      Files.copy(trap.resolve("libnss_files.so.2"), trap.resolve(name));
    }
    Files.writeString(trap.resolve("nsswitch.conf"), "passwd: trap\ngroup: trap\n");
    for (String name : List.of("unpigz", "gzip", "gunzip", "xz", "unxz", "zstd", "tar")) {
      Path program =
          Files.writeString(trap.resolve(name), "#!/bin/sh\n>/loaded; >" + loaded + "\n");
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    run("sh", "-c", "echo plain | gzip >" + host.resolve("dir/compressed.gz"));
    Container container = in(Doing.RUNNING, waiting());
    String[] places = {"/usr/lib", "/usr/lib64", "/usr/bin", "/usr/local/bin", "/etc"};
    String make = "busybox mkdir -p " + String.join(" ", places);
    ExecResult dirs = container.execute("busybox", "sh", "-c", make);
    assertThat(dirs.exitCode()).as(dirs.stderr()).isZero();
    for (String at : places) {
      container.copyIn(trap.resolve("."), at, CopyOptions.DEFAULTS.withOwners());
    }
    container.copyIn(host.resolve("dir"), "/copied", CopyOptions.DEFAULTS.withOwners());
    container.copyOut("/copied", host.resolve("out"), CopyOptions.DEFAULTS.withOwners());
    container.copyOut("/usr/lib/.", host.resolve("libraries"));
    assertThat(host.resolve("out/compressed.gz"))
        .hasSameBinaryContentAs(host.resolve("dir/compressed.gz"));
    assertThat(host.resolve("libraries/libc.so.6")).exists();
    assertThat(loaded).doesNotExist();
    container.stop();
    container.copyOut("/copied/one", host.resolve("one"));
    assertThatThrownBy(() -> container.copyOut("/loaded", host.resolve("mark")))
        .isInstanceOf(NotFoundException.class);
    assertThat(loaded).doesNotExist();
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** CVE-2026-41568, CVE-2026-42306: where a link of an image leads is found within the image. */
  @Test
  void copy_toVarRun_thatIsALink_worksAndStaysInside() throws Exception {
    for (String target : List.of("/run", "../run", "../../../../../run")) {
      Container made =
          in(
              Doing.NOTHING_MORE,
              shell("busybox mkdir -p /run /var; busybox ln -s " + target + " /var/run; " + WAIT));
      made.copyIn(host.resolve("dir/one"), "/var/run/pinnace-one");
      made.copyOut("/run/pinnace-one", host.resolve("back"));
      assertThat(host.resolve("back")).hasContent("1");
      made.commit(CommitSpec.named("localhost/linked:1"));
      Path volume = Files.createDirectories(host.resolve("volume"));
      Container container =
          in(
              Doing.RUNNING,
              image("localhost/linked:1")
                  .command("busybox", "sh", "-c", WAIT)
                  .mount(Mount.bind(volume).at("/var/run/pinnace-volume"))
                  .mount(Mount.tmpfs().at("/var/run/pinnace-memory")));
      container.copyIn(host.resolve("dir/one"), "/var/run/pinnace-volume");
      container.copyIn(host.resolve("dir/one"), "/run/pinnace-memory/");
      assertThat(volume.resolve("one")).hasContent("1");
      assertThat(
              stdout(
                  container,
                  "busybox",
                  "cat",
                  "/run/pinnace-one",
                  "/run/pinnace-volume/one",
                  "/var/run/pinnace-memory/one"))
          .isEqualTo("111");
      container.copyOut("/var/run/pinnace-memory/one", host.resolve("memory"));
      assertThat(host.resolve("memory")).hasContent("1");
      assertThat(Path.of("/run/pinnace-one")).doesNotExist();
      container.remove(true);
      made.remove(true);
      engine.images().remove("localhost/linked:1", true);
    }
  }

  @Test
  void copyOut_devicesWithTwoNames_areLeftOut() throws Exception {
    try (Dir directory = Dir.open(host.resolve("dir"))) {
      directory.mknod("null", FileType.CHARACTER_DEVICE.bits(), 1, 3);
      directory.link("null", "too");
    }
    Container container = in(Doing.RUNNING, waiting());
    container.copyIn(host.resolve("dir"), "/");
    container.copyOut("/dir", host.resolve("out"));
    assertThat(tree(host.resolve("out"))).containsExactly("hard", "link", "one", "sub", "sub/two");
    assertThatThrownBy(() -> container.copyOut("/dir/null", host.resolve("null")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("device");
  }

  @Test
  void copy_overDevicesPipesAndSockets_isRefused() throws Exception {
    Container container = in(Doing.RUNNING, waiting());
    try (Dir directory = Dir.open(host)) {
      directory.mknod("null", FileType.CHARACTER_DEVICE.bits(), 1, 3);
      directory.mknod("pipe", FileType.FIFO.bits(), 0, 0);
      directory.mknod("socket", FileType.SOCKET.bits(), 0, 0);
      for (String name : List.of("null", "pipe", "socket")) {
        assertThatThrownBy(() -> container.copyOut("/etc/passwd", host.resolve(name)))
            .as(name)
            .isInstanceOf(ConflictException.class)
            .hasMessageContaining("a device, FIFO or socket");
        assertThat(directory.stat(name).isRegular()).isFalse();
      }
    }
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir/one"), "/dev/null"))
        .isInstanceOf(ConflictException.class);
    container.copyIn(host.resolve("pipe"), "/pipe");
    container.copyIn(host.resolve("pipe"), "/pipe");
    assertThat(container.execute("busybox", "test", "-p", "/pipe").exitCode()).isZero();
  }

  @Test
  void copyIn_thatDoesNotFit_keepsWhatIsThereAndLeavesNoPart() throws Exception {
    Files.write(host.resolve("large"), new byte[1 << 20]);
    try (RandomAccessFile large = new RandomAccessFile(host.resolve("large").toFile(), "rw")) {
      for (int at = 0; at < 1 << 20; at += 4096) {
        large.seek(at);
        large.write(1);
      }
    }
    Container container =
        in(
            Doing.RUNNING,
            shell("echo old >/small/large; echo ready; busybox sleep 100")
                .mount(Mount.tmpfs().at("/small").with("size=64k")));
    assertThatThrownBy(() -> container.copyIn(host.resolve("large"), "/small"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("ENOSPC");
    assertThatThrownBy(() -> container.copyIn(host.resolve("large"), "/small/new"))
        .isInstanceOf(PinnaceException.class);
    assertThat(
            stdout(
                container, "busybox", "sh", "-c", "busybox ls -A /small; busybox cat /small/large"))
        .isEqualTo("large\nold\n");
  }

  @Test
  void copyIn_linksOverFiles_replaceThem_unlessTheyCannotBeMade() throws Exception {
    Path volume = Files.createDirectories(host.resolve("volume"));
    Files.writeString(volume.resolve("hard"), "the volume's");
    Path source = Files.createDirectories(host.resolve("source/vol"));
    Path first = Files.writeString(host.resolve("source/a"), "a");
    Files.createLink(source.resolve("hard"), first);
    Files.createSymbolicLink(host.resolve("source/b"), Path.of("a"));
    Container container =
        in(
            Doing.RUNNING,
            shell("echo old >/x/a; echo old >/x/b; echo ready; busybox sleep 100")
                .mount(Mount.bind(volume).at("/x/vol")));
    assertThatThrownBy(() -> container.copyIn(host.resolve("source/."), "/x"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("EXDEV");
    assertThat(tree(volume)).containsExactly("hard");
    assertThat(volume.resolve("hard")).hasContent("the volume's");
    assertThat(stdout(container, "busybox", "sh", "-c", "cat /x/a; busybox readlink /x/b"))
        .isEqualTo("aa\n");
    assertThat(stdout(container, "busybox", "ls", "-A", "/x")).isEqualTo("a\nb\nvol\n");
  }

  @Test
  void copyIn_whoseJvmIsKilled_leavesAContainerThatStarts() {
    Container container = engine.containers().create(waiting().name("cc"));
    try (Peer peer = Peer.start(root(), runDirectory())) {
      assertThat(peer.ask("copy-in", "cc")).isEqualTo("copying");
      assertThatThrownBy(() -> container.copyIn(host.resolve("missing"), "/"))
          .isInstanceOf(NotFoundException.class);
      assertThat(engine.containers().list()).hasSize(1);
      peer.kill();
    }
    try (Pinnace next = engine()) {
      assertThat(next.containers().list()).hasSize(1);
    }
    container.start();
    ready(container);
  }
}
