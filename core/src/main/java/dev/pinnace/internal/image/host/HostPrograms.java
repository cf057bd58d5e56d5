package dev.pinnace.internal.image.host;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Follows programs to everything that the kernel and the loader need to start them: the loader and
 * the shared libraries, transitively. What programs open later (dlopen, NSS modules, the
 * interpreters of scripts) is not followed.
 */
final class HostPrograms {
  private static final int LONGEST_SHEBANG = 256;

  private final HostTree tree;
  private final List<Path> path;
  private final LibrarySearch libraries = new LibrarySearch();
  private final Set<Path> followed = new HashSet<>();
  private final Set<Path> programDirectories = new LinkedHashSet<>();
  private final Set<Path> libraryDirectories = new LinkedHashSet<>();
  private final List<String> remarks = new ArrayList<>();

  HostPrograms(HostTree tree, List<Path> path) throws IOException {
    this.tree = tree;
    this.path = List.copyOf(path);
  }

  /** Directories in which programs were found. */
  Set<Path> programDirectories() {
    return programDirectories;
  }

  /** Directories of libraries that the loader finds only if it is told. */
  Set<Path> libraryDirectories() {
    return libraryDirectories;
  }

  /** What the caller should know: scripts whose interpreter is not in the image. */
  List<String> remarks() {
    return remarks;
  }

  /** Adds a program by name, looked up on the path, or by absolute path. */
  void add(String program) throws IOException {
    Path file = locate(program);
    Path directory = file.getParent();
    if (directory != null) {
      programDirectories.add(directory);
    }
    Path real = tree.add(file);
    Optional<ElfFile> elf = ElfFile.read(real);
    if (elf.isPresent()) {
      follow(real, elf.get(), List.of(), program);
      return;
    }
    String interpreter =
        shebang(real)
            .orElseThrow(
                () ->
                    new InvalidSpecException(
                        file
                            + " is no program that can be taken into an image: it is neither a"
                            + " 64-bit little-endian ELF file nor a script"));
    remarks.add(file + " is a script for " + interpreter + ", which must be added by itself");
  }

  private Path locate(String program) {
    if (program.isEmpty()) {
      throw new InvalidSpecException("the name of a program must not be empty");
    }
    if (program.indexOf('/') >= 0) {
      Path file = Path.of(program);
      if (!file.isAbsolute()) {
        throw new InvalidSpecException(
            "\"" + program + "\" is neither a name nor an absolute path of a program");
      }
      if (!Files.isRegularFile(file)) {
        throw new NotFoundException("there is no program " + program + " on this host");
      }
      return file;
    }
    return path.stream()
        .map(directory -> directory.resolve(program))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .orElseThrow(
            () ->
                new NotFoundException(
                    "there is no program \"" + program + "\" on this host's PATH " + path));
  }

  private static Optional<String> shebang(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      String start = new String(in.readNBytes(LONGEST_SHEBANG), StandardCharsets.ISO_8859_1);
      return start.startsWith("#!")
          ? Optional.of(start.substring(2).lines().findFirst().orElse("").strip())
          : Optional.empty();
    }
  }

  private void follow(Path object, ElfFile elf, List<Path> inherited, String program)
      throws IOException {
    if (elf.machine() != Kernel.architecture().elfMachine()) {
      throw new InvalidSpecException(
          object
              + " is for another architecture: ELF machine "
              + elf.machine()
              + ", this host is "
              + Kernel.architecture().machine());
    }
    if (!followed.add(object)) {
      return;
    }
    if (elf.interpreter().isPresent()) {
      Path loader = Path.of(elf.interpreter().get());
      if (!Files.isRegularFile(loader)) {
        throw new NotFoundException(object + " needs the loader " + loader + ", which is missing");
      }
      followFile(loader, List.of(), program);
    }
    List<Path> rpath = new ArrayList<>(LibrarySearch.rpath(object, elf));
    rpath.addAll(inherited);
    for (String library : elf.needed()) {
      Path found =
          libraries
              .find(library, object, elf, inherited)
              .orElseThrow(
                  () ->
                      new NotFoundException(
                          program
                              + " needs the library "
                              + library
                              + " (by "
                              + object
                              + "), which is not on this host"));
      Path directory = found.getParent();
      if (directory != null && !libraries.isBuiltIn(directory)) {
        libraryDirectories.add(directory);
      }
      followFile(found, rpath, program);
    }
  }

  private void followFile(Path file, List<Path> inherited, String program) throws IOException {
    Path real = tree.add(file);
    Optional<ElfFile> elf = ElfFile.read(real);
    if (elf.isEmpty()) {
      throw new InvalidSpecException(file + ", which " + program + " needs, is no ELF file");
    }
    follow(real, elf.get(), inherited, program);
  }
}
