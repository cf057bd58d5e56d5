package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarReader;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.Mount;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Files copied into containers and out of them. */
class CopyTest extends CopyFixture {
  @ParameterizedTest
  @EnumSource(Doing.class)
  @Tag("vm-too")
  void copy_inAndOut_whateverItDoes_keepsWhatTheFilesAre(Doing doing) throws Exception {
    Container container = in(doing, waiting());
    ContainerState before = container.inspect();
    container.copyIn(host.resolve("dir"), "/tmp");
    Path out = host.resolve("out");
    container.copyOut("/tmp/dir", out);
    assertThat(container.inspect()).isEqualTo(before);
    assertThat(tree(out)).containsExactly("hard", "link", "one", "sub", "sub/two");
    assertThat(Files.readString(out.resolve("sub/two"))).isEqualTo("2");
    Path one = out.resolve("one");
    assertThat(Files.readSymbolicLink(out.resolve("link"))).isEqualTo(Path.of("one"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(one)))
        .isEqualTo("rwxr-x--x");
    assertThat(Files.getLastModifiedTime(one).toInstant()).isEqualTo(TIME);
    assertThat(Files.getAttribute(one, "user:colour"))
        .isEqualTo("red".getBytes(StandardCharsets.UTF_8));
    assertThat(Files.getAttribute(one, "unix:uid")).isEqualTo(0);
    assertThat(Files.isSameFile(one, out.resolve("hard"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dir/one | /new | new",
        "dir/one | /have | have,have/one",
        "dir/one | /have/ | have,have/one",
        "dir/one | have/file | have,have/file",
        "dir/one | /have/../have/./x | have,have/x",
        "dir | /new | new,new/hard,new/link,new/one,new/sub,new/sub/two",
        "dir/sub | /have | have,have/sub,have/sub/two",
        "dir/sub | /new/ | new,new/two",
        "dir/sub/. | /have | have,have/two",
        "dir/sub/. | /new | new,new/two",
        "dir/link | /have | have,have/link",
        "dir/one | /to-have | have,have/one",
        "dir/one | /to-nothing | have,have/nothing",
      })
  void copyIn_placeOfTheCopy_isAsWithDocker(String source, String target, String added)
      throws Exception {
    Container container = engine.containers().create(waiting());
    Files.createDirectory(host.resolve("have"));
    container.copyIn(host.resolve("have"), "/");
    Path links = Files.createDirectory(host.resolve("links"));
    Files.createSymbolicLink(links.resolve("to-have"), Path.of("/have"));
    Files.createSymbolicLink(links.resolve("to-nothing"), Path.of("have/nothing"));
    container.copyIn(links.resolve("."), "/");
    List<String> before = added(container);
    container.copyIn(host.resolve(source), target);
    List<String> after = added(container);
    assertThat(after.stream().filter(path -> !before.contains(path) || path.equals("have")))
        .containsExactlyInAnyOrder(
            Stream.concat(Stream.of(added.split(",")), Stream.of("have"))
                .distinct()
                .toArray(String[]::new));
  }

  private static List<String> added(Container container) {
    return container.diff().stream()
        .map(Object::toString)
        .filter(change -> change.startsWith("A "))
        .map(change -> change.substring(3))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nothing | / | there is no",
        "dir/one/. | / | not a directory",
        "dir/one | /no/where | no directory \"/no\"",
        "dir/one | /new/ | no directory \"/new/\"",
        "dir | /etc/passwd | not a directory",
        "dir/one | /etc/passwd/ | not a directory",
        "dir/one | /etc/passwd/x | not a directory",
        "dir/one | '' | not a path",
        "dir/one | /proc/one | proc",
      })
  void copyIn_thatCannotBe_saysWhyAndChangesNothing(String source, String target, String message) {
    Container container = engine.containers().create(waiting());
    assertThatThrownBy(() -> container.copyIn(host.resolve(source), target))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining(message);
    assertThat(container.diff()).isEmpty();
  }

  @Test
  void copyOut_thatCannotBe_saysWhyAndChangesNothing() throws Exception {
    Container container = in(Doing.RUNNING, waiting());
    List<String> before = tree(host);
    for (String path : List.of("/nothing", "/etc/passwd/", "/proc/version", "/proc", "/sys/")) {
      assertThatThrownBy(() -> container.copyOut(path, host.resolve("out")))
          .as(path)
          .isInstanceOf(PinnaceException.class);
    }
    assertThatThrownBy(() -> container.copyOut("/etc", host.resolve("dir/one")))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> container.copyOut("/etc/passwd", host.resolve("no/where")))
        .isInstanceOf(NotFoundException.class);
    assertThat(tree(host)).isEqualTo(before);
  }

  @Test
  void copyIn_directoryOverFileOrTheReverse_isRefused() throws Exception {
    Container container =
        in(Doing.RUNNING, shell("busybox mkdir -p /a/one; echo ready; busybox sleep 100"));
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir/."), "/a"))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("/a/one");
    assertThat(container.execute("busybox", "ls", "/a/one").exitCode()).isZero();
  }

  @Test
  void copy_withOwners_keepsThem() throws Exception {
    Container container = in(Doing.RUNNING, waiting());
    container.copyIn(host.resolve("dir"), "/", CopyOptions.DEFAULTS.withOwners());
    assertThat(stdout(container, "busybox", "stat", "-c", "%u", "/dir/one")).isEqualTo("1234\n");
    container.copyOut("/dir/one", host.resolve("kept"), CopyOptions.DEFAULTS.withOwners());
    assertThat(Files.getAttribute(host.resolve("kept"), "unix:uid")).isEqualTo(1234);
  }

  @ParameterizedTest
  @EnumSource(
      value = Doing.class,
      names = {"NOTHING_YET", "RUNNING"})
  @Tag("vm-too")
  void copy_inAUserNamespace_belongsToItsRoot(Doing doing) throws Exception {
    Container container = in(doing, waiting().userMap(200_000, 200_000, 65_536));
    container.copyIn(host.resolve("dir"), "/tmp/root");
    container.copyIn(host.resolve("dir"), "/tmp/own", CopyOptions.DEFAULTS.withOwners());
    if (doing == Doing.NOTHING_YET) {
      container.start();
    }
    assertThat(stdout(container, "busybox", "stat", "-c", "%u:%g", "/tmp/root/one", "/tmp/own/one"))
        .isEqualTo("0:0\n1234:0\n");
    container.copyOut("/tmp/own/one", host.resolve("back"), CopyOptions.DEFAULTS.withOwners());
    assertThat(Files.getAttribute(host.resolve("back"), "unix:uid")).isEqualTo(1234);
    Files.setAttribute(host.resolve("dir/one"), "unix:uid", 70_000);
    assertThatThrownBy(
            () ->
                container.copyIn(
                    host.resolve("dir/one"), "/tmp", CopyOptions.DEFAULTS.withOwners()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("70000");
  }

  @Test
  @Tag("vm-too")
  void copyIn_whatIsMounted_isWrittenTo() throws Exception {
    Path volume = Files.createDirectories(host.resolve("volume"));
    Path file = Files.writeString(host.resolve("file"), "much of what was there");
    for (Doing doing : List.of(Doing.NOTHING_YET, Doing.RUNNING)) {
      Container container =
          in(
              doing,
              waiting()
                  .mount(Mount.bind(volume).at("/volume"))
                  .mount(Mount.bind(file).at("/etc/file")));
      container.copyIn(host.resolve("dir/one"), "/volume/" + doing);
      container.copyIn(host.resolve("dir/one"), "/etc/file");
      assertThat(Files.readString(volume.resolve(doing.toString()))).isEqualTo("1");
      assertThat(Files.readString(file)).isEqualTo("1");
      assertThatThrownBy(() -> container.copyIn(host.resolve("dir/link"), "/etc/file"))
          .isInstanceOf(PinnaceException.class);
      Files.writeString(file, "again");
      container.remove(true);
    }
  }

  @Test
  void copyIn_readOnly_isRefused() {
    Container container = in(Doing.RUNNING, waiting().readOnly());
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir"), "/tmp/x"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("EROFS")
        .hasMessageContaining(container.name() + ":/tmp/x");
  }

  @Test
  void copyIn_beforeTheFirstStart_isThereThen() {
    Container container =
        engine.containers().create(shell("busybox cat /dir/one; busybox cat /dir/sub/two"));
    container.copyIn(host.resolve("dir"), "/");
    container.start();
    assertThat(container.await().code()).isZero();
    assertThat(container.logs().text()).isEqualTo("12");
  }

  @Test
  void copyOut_asATar_isNamedAfterThePath() throws Exception {
    Container container = in(Doing.NOTHING_YET, waiting());
    container.copyIn(host.resolve("dir/sub"), "/");
    for (List<String> row :
        List.of(
            List.of("/sub", "sub/", "sub/two"),
            List.of("sub/", "sub/", "sub/two"),
            List.of("/sub/.", "./", "two"),
            List.of("/sub/two", "two"))) {
      ByteArrayOutputStream tar = new ByteArrayOutputStream();
      container.copyOut(row.get(0), tar, CopyOptions.DEFAULTS);
      assertThat(names(tar.toByteArray())).isEqualTo(row.subList(1, row.size()));
    }
  }

  @Test
  void copyIn_interrupted_isCancelled() {
    Container container = in(Doing.RUNNING, waiting());
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir"), "/tmp"))
        .isInstanceOf(CancelledException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void copy_toContainerThatIsGone_isNotFound() throws Exception {
    Container container = in(Doing.NOTHING_YET, waiting());
    container.remove(false);
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir"), "/"))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> container.copyOut("/etc", host.resolve("out")))
        .isInstanceOf(NotFoundException.class);
    assertThat(Files.exists(host.resolve("out"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void copyIn_mountThatIsMissing_saysSoAndLeavesNothing() throws Exception {
    Path volume = Files.createDirectories(host.resolve("volume"));
    Container container = in(Doing.NOTHING_YET, waiting().mount(Mount.bind(volume).at("/volume")));
    Files.delete(volume);
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir"), "/"))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("volume");
    assertThat(children(root().resolve("containers"))).hasSize(1);
    assertThat(Cgroups.of(root())).isEmpty();
  }

  @Test
  void copyIn_toMemoryOfAContainerThatDoesNotRun_isRefused() throws Exception {
    Container container = engine.containers().create(waiting().mount(Mount.tmpfs().at("/memory")));
    for (String place : List.of("/memory", "/memory/new", "/dev/shm")) {
      assertThatThrownBy(() -> container.copyIn(host.resolve("dir/one"), place))
          .as(place)
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("in memory");
    }
    container.start();
    container.copyIn(host.resolve("dir/one"), "/memory");
    assertThat(stdout(container, "busybox", "cat", "/memory/one")).isEqualTo("1");
  }

  @Test
  void copyIn_toMemoryInAUserNamespace_saysWhyAndKeepsWhatIsThere() throws Exception {
    Container container =
        in(
            Doing.RUNNING,
            shell("echo kept >/memory/one; echo ready; busybox sleep 100")
                .userMap(200_000, 200_000, 65_536)
                .mount(Mount.tmpfs().at("/memory")));
    assertThatThrownBy(() -> container.copyIn(host.resolve("dir/one"), "/memory"))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("user namespace");
    assertThat(stdout(container, "busybox", "cat", "/memory/one")).isEqualTo("kept\n");
  }

  @Test
  void copy_ofSparseFiles_keepsHoles() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(host.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(1L << 30);
      sparse.seek(1 << 20);
      sparse.write(7);
    }
    Container container = in(Doing.RUNNING, waiting());
    container.copyIn(host.resolve("sparse"), "/");
    assertThat(
            stdout(
                container,
                "busybox",
                "sh",
                "-c",
                "busybox stat -c %s /sparse; busybox du -m /sparse"))
        .isEqualTo("1073741824\n1\t/sparse\n");
    container.copyOut("/sparse", host.resolve("back"));
    assertThat(Files.mismatch(host.resolve("sparse"), host.resolve("back"))).isEqualTo(-1);
  }

  @Test
  void copy_ofAnotherFileSystem_isRefused() throws Exception {
    Container container = engine.containers().create(waiting());
    Path zip = host.resolve("files.zip");
    try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      assertThatThrownBy(() -> container.copyIn(files.getPath("/etc"), "/"))
          .isInstanceOf(InvalidSpecException.class);
    }
  }

  @Test
  void copy_ofAnEmptyPath_isNotTheWorkingDirectory() {
    Container container = engine.containers().create(waiting());
    assertThatThrownBy(() -> container.copyIn(Path.of(""), "/tmp"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> container.copyOut("/etc", Path.of("")))
        .isInstanceOf(InvalidSpecException.class);
  }

  private static List<String> names(byte[] tar) throws IOException {
    TarReader reader = new TarReader(new ByteArrayInputStream(tar), LayerLimits.defaults());
    List<String> names = new ArrayList<>();
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      names.add(entry.name());
    }
    return names;
  }
}
