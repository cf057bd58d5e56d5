package dev.pinnace.internal.image.host;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Follows programs to everything that the kernel and the loader need to start them: the
 * interpreters of scripts, the loader and the shared libraries, transitively. What programs open or
 * execute later (dlopen, NSS modules, what a script calls) is not followed.
 */
final class HostPrograms {
  /** So many scripts may interpret each other, as for the kernel. */
  private static final int MOST_INTERPRETERS = 5;

  /** What becomes of something that an ELF file needs and this host lacks. */
  interface Missing {
    void of(Path object, String what);
  }

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

  /** What the caller should know: which programs are scripts. */
  List<String> remarks() {
    return remarks;
  }

  /** Adds a program by name, looked up on the path, or by absolute path. */
  void add(String program) throws IOException {
    add(program, 0);
  }

  private void add(String program, int interpreters) throws IOException {
    Path file = locate(program);
    Path directory = file.getParent();
    if (directory != null) {
      programDirectories.add(directory);
    }
    Path real = tree.add(file);
    Optional<ElfFile> elf = ElfFile.read(real);
    if (elf.isPresent()) {
      follow(real, elf.get(), List.of(), (object, what) -> refuse(program, object, what), false);
      return;
    }
    Shebang shebang =
        Shebang.read(real)
            .orElseThrow(
                () ->
                    new InvalidSpecException(
                        file
                            + " is no program that can be taken into an image: it is neither a"
                            + " 64-bit little-endian ELF file nor a script"));
    if (interpreters == MOST_INTERPRETERS) {
      throw new InvalidSpecException(
          file + " is a script whose interpreter is a script, and so on: the kernel starts none");
    }
    addInterpreter(file, shebang, interpreters + 1);
  }

  private void addInterpreter(Path script, Shebang shebang, int interpreters) throws IOException {
    String interpreter = shebang.interpreter();
    if (!interpreter.startsWith("/") || !Files.isRegularFile(Path.of(interpreter))) {
      throw new NotFoundException(
          script + " is a script for \"" + interpreter + "\", which is no program of this host");
    }
    add(interpreter, interpreters);
    Optional<String> lookedUp = shebang.lookedUp();
    if (lookedUp.isPresent()) {
      add(lookedUp.get(), interpreters);
    }
    remarks.add(
        script
            + " is a script: "
            + lookedUp
                .map(program -> interpreter + " and " + program + " go")
                .orElse(interpreter + " goes")
            + " along, but not the programs and files that it uses, which are to be named too");
  }

  private static void refuse(String program, Path object, String what) {
    throw new NotFoundException(
        program + " needs " + what + " (by " + object + "), which is not on this host");
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

  /**
   * Adds what a file needs that is taken along by itself, if it is an ELF file for this host.
   *
   * @param moved whether it has another path in the image, and finds nothing beside itself
   * @return whether it is such a file
   */
  boolean addNeeded(Path file, Missing missing, boolean moved) throws IOException {
    Optional<ElfFile> elf =
        ElfFile.read(file).filter(read -> read.machine() == Kernel.architecture().elfMachine());
    if (elf.isPresent()) {
      follow(file, elf.get(), List.of(), missing, moved);
    }
    return elf.isPresent();
  }

  private void follow(
      Path object, ElfFile elf, List<Path> inherited, Missing missing, boolean moved)
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
      if (loader.isAbsolute() && LibrarySearch.isFor(elf.machine(), loader)) {
        followFile(loader, List.of(), object, missing);
      } else {
        missing.of(object, "the loader " + loader);
      }
    }
    List<Path> rpath = new ArrayList<>(LibrarySearch.rpath(object, elf));
    rpath.addAll(inherited);
    for (String library : elf.needed()) {
      Optional<Path> found = libraries.find(library, object, elf, inherited);
      if (found.isPresent()) {
        rememberDirectory(found.get(), moved);
        followFile(found.get(), rpath, object, missing);
      } else {
        missing.of(object, "the library " + library);
      }
    }
  }

  /** What the loader finds through the object itself it finds in the image too. */
  private void rememberDirectory(Path library, boolean moved) {
    Path directory = library.getParent();
    if (directory != null
        && !libraries.isBuiltIn(directory)
        && (moved || libraries.isConfigured(directory))) {
      libraryDirectories.add(directory);
    }
  }

  private void followFile(Path file, List<Path> inherited, Path by, Missing missing)
      throws IOException {
    Path real = tree.add(file);
    Optional<ElfFile> elf = ElfFile.read(real);
    if (elf.isEmpty()) {
      throw new InvalidSpecException(file + ", which " + by + " needs, is no ELF file");
    }
    follow(real, elf.get(), inherited, missing, false);
  }
}
