package dev.pinnace.internal.image.host;

import dev.pinnace.linux.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where the dynamic loader of this host looks for shared libraries (ld.so(8)): RPATH unless there
 * is a RUNPATH, RUNPATH, the directories of {@code /etc/ld.so.conf}, the built-in ones. {@code
 * LD_LIBRARY_PATH} is not looked at: it is not part of the host. Neither are {@code glibc-hwcaps}.
 */
final class LibrarySearch {
  private static final int DEEPEST_INCLUDE = 8;

  private final Set<Path> configured = new LinkedHashSet<>();
  private final Set<Path> builtIn = new LinkedHashSet<>();

  LibrarySearch() throws IOException {
    readConf(Path.of("/etc/ld.so.conf"), 0);
    String triplet = Kernel.architecture().machine() + "-linux-gnu";
    for (String directory :
        List.of(
            "/lib/" + triplet, "/usr/lib/" + triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib")) {
      builtIn.add(Path.of(directory));
    }
  }

  private void readConf(Path file, int depth) throws IOException {
    if (depth > DEEPEST_INCLUDE || !Files.isReadable(file)) {
      return;
    }
    for (String raw : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
      String line = raw.replaceFirst("#.*", "").strip();
      if (line.startsWith("include ")) {
        include(line.substring("include ".length()).strip(), depth);
      } else if (line.startsWith("/")) {
        configured.add(Path.of(line));
      }
    }
  }

  private void include(String pattern, int depth) throws IOException {
    Path path = Path.of("/etc").resolve(pattern);
    Path directory = path.getParent();
    Path glob = path.getFileName();
    if (directory == null || glob == null || !Files.isDirectory(directory)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> matches = Files.newDirectoryStream(directory, glob.toString())) {
      matches.forEach(files::add);
    }
    files.sort(null);
    for (Path file : files) {
      readConf(file, depth + 1);
    }
  }

  /** Whether the loader finds libraries of that directory without a cache. */
  boolean isBuiltIn(Path directory) {
    return builtIn.contains(directory);
  }

  /** Whether the loader of this host finds libraries of that directory through its cache. */
  boolean isConfigured(Path directory) {
    return configured.contains(directory);
  }

  /**
   * Finds a library for an object.
   *
   * @param inherited RPATHs of what loaded the object
   */
  Optional<Path> find(String library, Path object, ElfFile elf, List<Path> inherited)
      throws IOException {
    if (library.indexOf('/') >= 0) {
      Path path = Path.of(library);
      return path.isAbsolute() && isFor(elf.machine(), path) ? Optional.of(path) : Optional.empty();
    }
    List<Path> directories = new ArrayList<>();
    if (elf.runpath().isEmpty()) {
      directories.addAll(rpath(object, elf));
      directories.addAll(inherited);
    }
    directories.addAll(expand(elf.runpath(), object));
    directories.addAll(configured);
    directories.addAll(builtIn);
    for (Path directory : directories) {
      Path candidate = directory.resolve(library);
      if (isFor(elf.machine(), candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Whether it is an ELF file of that machine. */
  static boolean isFor(int machine, Path file) throws IOException {
    return Files.isRegularFile(file)
        && ElfFile.read(file).filter(found -> found.machine() == machine).isPresent();
  }

  /** The directories of an object's RPATH, none if it has a RUNPATH. */
  static List<Path> rpath(Path object, ElfFile elf) throws IOException {
    return elf.runpath().isEmpty() ? expand(elf.rpath(), object) : List.of();
  }

  private static List<Path> expand(List<String> entries, Path object) throws IOException {
    Path origin = object.toRealPath().getParent();
    List<Path> directories = new ArrayList<>();
    for (String entry : entries) {
      String expanded =
          entry
              .replace("${ORIGIN}", String.valueOf(origin))
              .replace("$ORIGIN", String.valueOf(origin))
              .replace("${LIB}", "lib")
              .replace("$LIB", "lib");
      if (expanded.startsWith("/")) {
        directories.add(Path.of(expanded).normalize());
      }
    }
    return directories;
  }
}
