package dev.pinnace.internal.durable;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Files and directories that a caller wants written: they get their name when they are whole. What
 * fails leaves nothing, and leaves what was there. Whoever is killed meanwhile leaves no file where
 * the file system has nameless ones, as all that are usual on a disk or in memory do; else, and of
 * directories, {@code .NAME-HEX.part} is left beside the place, which nobody needs.
 */
public final class OutputPath {
  private static final int BUFFER = 1 << 18;

  private OutputPath() {}

  /** Writes into something. */
  @FunctionalInterface
  public interface Writing<T> {
    void to(T target) throws IOException;
  }

  /**
   * Writes a file, replacing a regular one; a pipe or device is written as it is, and a link stays
   * one, be the file there yet or not.
   *
   * @throws ConflictException if a directory is there, or a stranger's link in a directory like
   *     /tmp
   * @throws NotFoundException if there is no directory for it
   */
  public static void file(Path target, Writing<OutputStream> content) throws IOException {
    if (Files.isDirectory(target)) {
      throw new ConflictException(target + " is a directory: give the name of a file");
    }
    Path place = LinkedPlace.of(target);
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.WRITE)) {
        content.to(out);
      }
      return;
    }
    Path part = beside(place);
    Optional<NamelessFile> nameless = NamelessFile.in(part.resolveSibling(""));
    if (nameless.isPresent()) {
      try (NamelessFile file = nameless.get()) {
        write(file.open(), content);
        file.name(String.valueOf(place.getFileName()), String.valueOf(part.getFileName()));
      }
      return;
    }
    try {
      write(
          Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          content);
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void write(OutputStream file, Writing<OutputStream> content) throws IOException {
    try (OutputStream out = new BufferedOutputStream(file, BUFFER)) {
      content.to(out);
    }
  }

  /**
   * Writes a directory, which is not there yet or empty.
   *
   * @throws ConflictException if something else is there
   * @throws NotFoundException if there is no directory for it
   */
  public static void directory(Path target, Writing<Path> content) throws IOException {
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !isEmptyDirectory(target)) {
      throw new ConflictException(
          target + " is there already and not an empty directory: give another name");
    }
    Path place = target.toAbsolutePath();
    Path part = beside(place);
    try {
      Files.createDirectory(part);
      content.to(part);
      Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(part);
    }
  }

  private static boolean isEmptyDirectory(Path path) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (Stream<Path> children = Files.list(path)) {
      return children.findAny().isEmpty();
    }
  }

  private static Path beside(Path place) {
    Path name = place.getFileName();
    Path parent = place.getParent();
    if (name == null || parent == null || !Files.isDirectory(parent)) {
      throw new NotFoundException("there is no directory " + parent + " to write " + name + " to");
    }
    String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
    return parent.resolve("." + name + "-" + random + ".part");
  }

  private static void delete(Path tree) throws IOException {
    if (Files.exists(tree)) {
      List<Path> all;
      try (Stream<Path> walk = Files.walk(tree)) {
        all = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }
}
