package dev.pinnace.internal.image.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarReader;
import dev.pinnace.internal.layer.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes along with scripts, and with files and directories that are added to an image. */
class HostFilesTest {
  private static final int DYNAMIC = 2; // PT_DYNAMIC
  private static final int INTERPRETER = 3; // PT_INTERP
  private static final byte[] LIBC = "libc.so.6".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path given;
  private Path directory;
  private final HostTree tree = new HostTree();
  private HostPrograms programs;
  private ExtraFiles extras;

  @BeforeEach
  void open() throws IOException {
    directory = given.toRealPath();
    programs = new HostPrograms(tree, List.of(directory, Path.of("/usr/bin"), Path.of("/bin")));
    extras = new ExtraFiles(tree, programs);
  }

  private Map<String, TarEntry> entries() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(bytes)) {
      tree.write(tar);
    }
    Map<String, TarEntry> entries = new LinkedHashMap<>();
    TarReader tar =
        new TarReader(new ByteArrayInputStream(bytes.toByteArray()), LayerLimits.defaults());
    for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
      entries.put(entry.name(), entry);
    }
    return entries;
  }

  private static String name(Path path) {
    return path.toString().substring(1);
  }

  private static String real(String path) throws IOException {
    return name(Path.of(path).toRealPath());
  }

  private void add(Path path) throws IOException {
    extras.add(new HostImage.Extra(path, Optional.empty()));
  }

  private void add(Path path, String at) throws IOException {
    extras.add(new HostImage.Extra(path, Optional.of(Path.of(at))));
  }

  private Path script(String name, String content) throws IOException {
    Path script = Files.writeString(directory.resolve(name), content);
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static byte[] sh() throws IOException {
    return Files.readAllBytes(Path.of("/bin/sh").toRealPath());
  }

  /** The same program, which says that it needs another library. */
  private static byte[] lacking() throws IOException {
    byte[] elf = sh();
    String text = new String(elf, StandardCharsets.ISO_8859_1);
    int at = text.indexOf("libc.so.6\0");
    assertThat(at).isPositive();
    elf[at + LIBC.length - 1] = 'X';
    return elf;
  }

  @Test
  void script_takesItsInterpreterAlong() throws IOException {
    Path script = script("tool", "#!/bin/sh -e\nexit 0\n");
    programs.add(script.toString());
    assertThat(entries()).containsKeys(name(script), real("/bin/sh"));
    assertThat(entries().keySet()).anyMatch(name -> name.endsWith("/libc.so.6"));
    assertThat(programs.remarks())
        .singleElement()
        .asString()
        .contains(script + " is a script", "/bin/sh goes along", "named too");
  }

  @Test
  void script_ofEnv_takesAlongWhatEnvLooksUp() throws IOException {
    Path inner = script("inner", "#!/bin/sh\n");
    Path outer = script("outer", "#!/usr/bin/env -S inner -x\n");
    programs.add("outer");
    assertThat(entries())
        .containsKeys(name(outer), name(inner), real("/usr/bin/env"), real("/bin/sh"));
    assertThat(programs.programDirectories()).contains(directory, Path.of("/usr/bin"));
    assertThat(programs.remarks())
        .hasSize(2)
        .anyMatch(remark -> remark.contains("/usr/bin/env and inner go along"));
  }

  @Test
  void script_whoseInterpreterIsMissing_isRefused() throws IOException {
    for (String interpreter : List.of("/no/such", "sh", "", "/usr/bin/env no-such-program")) {
      Path script = script("tool", "#!" + interpreter + "\n");
      assertThatThrownBy(() -> programs.add(script.toString()))
          .isInstanceOf(NotFoundException.class);
    }
  }

  @Test
  void script_ofItself_isRefused() throws IOException {
    Path script = directory.resolve("loop");
    script("loop", "#!" + script + "\n");
    assertThatThrownBy(() -> programs.add(script.toString()))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("interpreter");
    Path looked = script("again", "#!/usr/bin/env again\n");
    assertThatThrownBy(() -> programs.add(looked.toString()))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void directory_hasTheLibrariesOfItsFiles() throws IOException {
    Path deep = Files.createDirectories(directory.resolve("data/deep"));
    Files.write(deep.resolve("program"), sh());
    Files.writeString(deep.resolve("text"), "#!/no/such\n");
    add(directory.resolve("data"));
    assertThat(entries()).containsKeys(name(deep.resolve("program")), name(deep.resolve("text")));
    assertThat(entries().keySet()).anyMatch(name -> name.endsWith("/libc.so.6"));
    String loader = ElfFile.read(Path.of("/bin/sh")).orElseThrow().interpreter().orElseThrow();
    assertThat(entries()).containsKey(real(loader));
    assertThat(extras.remarks()).isEmpty();
    assertThat(programs.libraryDirectories()).isEmpty();
  }

  @Test
  void file_whoseLibraryIsMissing_isRemarkedUpon() throws IOException {
    Path file = Files.write(directory.resolve("program"), lacking());
    add(file);
    assertThat(entries()).containsKey(name(file));
    assertThat(extras.remarks())
        .containsExactly(file + " needs the library libc.so.X, which is not on this host");
    Files.writeString(directory.resolve("libc.so.X"), "in another directory, loaded before it");
    add(directory.resolve("libc.so.X"), "/opt/libc.so.X");
    assertThat(extras.remarks()).isEmpty();
  }

  @Test
  void file_ofAnotherArchitecture_isTakenAsItIs() throws IOException {
    byte[] elf = sh();
    elf[18] = 2;
    elf[19] = 0;
    Path file = Files.write(directory.resolve("foreign"), elf);
    add(file);
    assertThat(entries()).containsKey(name(file));
    assertThat(entries().keySet()).noneMatch(name -> name.contains("libc.so"));
    assertThat(extras.remarks()).isEmpty();
  }

  @Test
  void directory_hasTheFilesThatItsLinksLeadTo() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    Path etc = Files.createDirectories(directory.resolve("etc"));
    Files.writeString(etc.resolve("conf"), "x");
    Files.createSymbolicLink(etc.resolve("alias"), Path.of("conf"));
    Files.createSymbolicLink(data.resolve("conf"), etc.resolve("alias"));
    Files.createSymbolicLink(data.resolve("whole"), etc);
    Files.createSymbolicLink(data.resolve("dangling"), Path.of("/no/such"));
    Files.writeString(etc.resolve("other"), "x");
    add(data);
    assertThat(entries())
        .containsKeys(
            name(data.resolve("conf")),
            name(data.resolve("whole")),
            name(data.resolve("dangling")),
            name(etc.resolve("alias")),
            name(etc.resolve("conf")))
        .doesNotContainKey(name(etc.resolve("other")));
  }

  @Test
  void directory_linksToFilesOfTheKernel_stayLinks() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    Files.createSymbolicLink(data.resolve("mtab"), Path.of("/proc/self/mounts"));
    Files.createSymbolicLink(data.resolve("release"), Path.of("/proc/sys/kernel/osrelease"));
    add(data);
    assertThat(entries()).containsKeys(name(data.resolve("mtab")), name(data.resolve("release")));
    assertThat(entries().keySet()).noneMatch(name -> name.startsWith("proc/"));
  }

  /** Places and sizes that make no sense. */
  @ParameterizedTest
  @CsvSource({
    "32, 0x7ffffffffffffff0",
    "32, 0xfffffffffffffff0",
    "-8, 0x7ffffffffffffff0",
    "-32, 0xffffffffffffffff",
    "-32, 0x00000000ffffffff"
  })
  void file_thatIsAnOddElfFile_isTakenAsItIs(int where, String value) throws IOException {
    byte[] elf = sh();
    ByteBuffer bytes = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    long at = where > 0 ? where : header(bytes, DYNAMIC) - where;
    bytes.putLong((int) at, Long.parseUnsignedLong(value.substring(2), 16));
    Path file = Files.write(directory.resolve("odd"), elf);
    add(file);
    assertThat(entries()).containsKey(name(file));
  }

  /** Where the program header of that type is. */
  private static long header(ByteBuffer elf, int type) {
    long at = elf.getLong(32);
    while (elf.getInt((int) at) != type) {
      at += elf.getShort(54);
    }
    return at;
  }

  /** A program with another loader, or another library instead of the C library. */
  private Path needing(String what, String path) throws IOException {
    byte[] elf = sh();
    ByteBuffer bytes = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    int at =
        what.equals("loader")
            ? (int) bytes.getLong((int) header(bytes, INTERPRETER) + 8)
            : new String(elf, StandardCharsets.ISO_8859_1).indexOf("libc.so.6\0");
    bytes.position(at).put(path.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    return Files.write(directory.resolve("needing"), elf);
  }

  @ParameterizedTest
  @CsvSource({"loader, ld.so", "loader, /no/ld.so", "library, a/b.so", "library, /no/a.so"})
  void file_thatNeedsWhatIsNoFile_isRemarkedUpon(String what, String path) throws IOException {
    Path file = needing(what, path);
    add(file);
    assertThat(entries()).containsKey(name(file));
    assertThat(extras.remarks())
        .containsExactly(file + " needs the " + what + " " + path + ", which is not on this host");
  }

  @Test
  void file_whoseLoaderHasNoName_isTakenAsItIs() throws IOException {
    Path file = needing("loader", "");
    add(file);
    assertThat(entries()).containsKey(name(file));
    assertThat(extras.remarks()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"loader, /no/ld.so", "library, /no/a.so"})
  void file_thatNeedsAnotherAtAPath_hasItThereOnly(String what, String path) throws IOException {
    add(needing(what, path));
    Path file = Files.writeString(directory.resolve("file"), "x");
    add(file, "/opt" + path);
    assertThat(extras.remarks()).as("of that name, but elsewhere").hasSize(1);
    tree.addLink(Files.createSymbolicLink(directory.resolve("link"), Path.of("/no")));
    add(file, directory.resolve("link") + path.substring("/no".length()));
    assertThat(extras.remarks()).isEmpty();
  }

  @Test
  void at_landsThereBelowDirectoriesThatAreMade() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data/deep"));
    Files.write(data.resolve("program"), sh());
    Files.createSymbolicLink(directory.resolve("data/link"), Path.of("deep/program"));
    add(directory.resolve("data"), "/opt/made/here");
    assertThat(entries())
        .containsKeys(
            "opt/",
            "opt/made/",
            "opt/made/here/",
            "opt/made/here/deep/",
            "opt/made/here/deep/program",
            "opt/made/here/link")
        .doesNotContainKey(name(data.resolve("program")));
    assertThat(entries().keySet()).anyMatch(name -> name.endsWith("/libc.so.6"));
  }

  @Test
  void at_behindALinkOfTheImage_landsWhereItLeads() throws IOException {
    Path target = Files.createDirectories(directory.resolve("target"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    tree.addLink(link);
    Path file = Files.writeString(directory.resolve("file"), "x");
    add(file, link + "/deep/file");
    assertThat(entries()).containsKey(name(target) + "/deep/file");
  }

  @Test
  void at_whereTheHostHasADirectory_isRefusedOnceThatComes() throws IOException {
    Path deep = Files.createDirectories(directory.resolve("data/deep"));
    Path below = Files.writeString(deep.resolve("file"), "x");
    Path file = Files.writeString(directory.resolve("other"), "x");
    add(file, deep.toString());
    for (Path later : List.of(below, deep, directory.resolve("data"))) {
      assertThatThrownBy(() -> add(later))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContainingAll(deep.toString(), "one of them is a directory");
    }
  }

  @Test
  void at_aDirectoryWhereTheHostHasAFile_isRefusedOnceThatComes() throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    Path file = Files.writeString(directory.resolve("file"), "x");
    Path link = Files.createSymbolicLink(directory.resolve("link"), data);
    for (Path later : List.of(file, link)) {
      add(data, later.toString());
      assertThatThrownBy(() -> add(later))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContainingAll(later.toString(), "one of them is a directory");
    }
    add(data, directory.resolve("data").toString());
    add(data);
  }

  @Test
  void at_replacesAFile_butNoDirectoryThatIsUsed() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "1");
    Path two = Files.writeString(directory.resolve("two"), "22");
    add(one, "/opt/x");
    add(two, "/opt/x");
    assertThat(entries().get("opt/x")).extracting(TarEntry::size).isEqualTo(2L);
    add(one, two.toString());
    add(two);
    assertThat(entries().get(name(two))).as("it stays").extracting(TarEntry::size).isEqualTo(1L);
    assertThatThrownBy(() -> add(one, "/opt"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("/opt", "directory");
    assertThatThrownBy(() -> add(one, "/opt/x/y"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContainingAll("/opt/x/y", "/opt/x is a file");
    assertThatThrownBy(() -> add(directory.resolve("missing"), "/y"))
        .isInstanceOf(NotFoundException.class);
    for (String place : List.of("relative", "/", "/..")) {
      assertThatThrownBy(() -> add(one, place))
          .isInstanceOf(InvalidSpecException.class)
          .hasMessageContaining("the image");
    }
  }
}
