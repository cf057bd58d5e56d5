package dev.pinnace.internal.storage;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * The part of a container's directory that is storage: {@code layer/} with a record and the
 * driver's files, made and removed whole. Leftovers are {@code layer.NEW-...} and {@code
 * layer.OLD-...}; the next call sweeps them, for the caller holds the container's lock.
 */
public final class ContainerDirectory {
  private static final String LAYER = "layer";
  private static final String RECORD = "record";
  private static final String DRIVER = "driver";
  private static final String TOP = "top";
  private static final String NO_TOP = "none";

  private ContainerDirectory() {}

  /** Where the driver's files are. */
  public static Path path(Path directory, String name) {
    return directory.resolve(LAYER).resolve(name);
  }

  /**
   * Makes the layer; {@code fill} puts the driver's files into it before anybody sees it.
   *
   * @param sizeLimit how many bytes more it may take than it does then
   * @return its record
   */
  public static RecordFile create(
      Path directory,
      String driver,
      Optional<Digest> top,
      Map<String, String> more,
      OptionalLong sizeLimit,
      Consumer<Dir> fill) {
    Map<String, String> entries = new TreeMap<>(more);
    entries.put(DRIVER, driver);
    entries.put(TOP, top.map(Digest::hex).orElse(NO_TOP));
    Attempt.run(
        "make the writable layer in " + directory,
        () -> {
          try (Dir dir = Dir.open(directory)) {
            if (dir.exists(LAYER)) {
              throw new ConflictException(directory + " holds a container layer already");
            }
            sweep(dir);
            if (sizeLimit.isPresent()) {
              SizeLimits.require(dir);
            }
            String draft =
                LAYER + ".NEW-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
            dir.mkdir(draft, 0700);
            try {
              try (Dir layer = dir.openDir(draft)) {
                if (sizeLimit.isPresent()) {
                  SizeLimits.begin(layer);
                  FaultPoints.reached("layer has a project");
                }
                fill.accept(layer);
                RecordFile.write(layer, RECORD, entries, false);
                sizeLimit.ifPresent(bytes -> SizeLimits.limit(layer, bytes));
                FaultPoints.reached("layer filled");
              }
              dir.rename(draft, dir, LAYER, Dir.Replace.NO_REPLACE);
            } catch (RuntimeException | Error failure) {
              remove(dir, draft);
              throw failure;
            }
          }
        });
    return new RecordFile(path(directory, RECORD).toString(), entries);
  }

  /** Reads the record of a layer that {@code driver} made. */
  public static RecordFile read(Path directory, String driver) {
    RecordFile record =
        Attempt.to(
            "open the writable layer in " + directory,
            () -> {
              try (Dir dir = Dir.open(directory)) {
                return RecordFile.read(dir, LAYER + "/" + RECORD);
              } catch (ErrnoException refusal) {
                if (refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
                  throw new NotFoundException(
                      directory + " holds no container layer: " + refusal.getMessage(), refusal);
                }
                throw refusal;
              }
            });
    if (!record.get(DRIVER).equals(driver)) {
      throw new CorruptException(
          "the container layer in "
              + directory
              + " was made by the storage driver "
              + record.get(DRIVER)
              + ", not by "
              + driver);
    }
    return record;
  }

  /** The image's top layer, as recorded. */
  public static Optional<Digest> top(RecordFile record) {
    String top = record.get(TOP);
    return top.equals(NO_TOP) ? Optional.empty() : Optional.of(new Digest(top));
  }

  /** Removes the layer if there is one. */
  public static void delete(Path directory) {
    Attempt.run(
        "remove the writable layer of " + directory,
        () -> {
          try (Dir dir = Dir.open(directory)) {
            if (dir.exists(LAYER)) {
              String old =
                  LAYER + ".OLD-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
              dir.rename(LAYER, dir, old, Dir.Replace.NO_REPLACE);
            }
            sweep(dir);
          } catch (ErrnoException refusal) {
            if (!refusal.is(Errno.ENOENT)) {
              throw refusal;
            }
          }
        });
  }

  /** Has files count as the layer's own; {@link SizeLimits#include}. */
  public static void include(Path directory, List<Path> files) {
    Attempt.run(
        "limit the size of the files in " + directory,
        () -> {
          try (Dir dir = Dir.open(directory)) {
            SizeLimits.include(dir, LAYER, files);
          }
        });
  }

  /** Lifts its limit first: as long as there are files of it, they tell which that is. */
  private static void remove(Dir dir, String name) {
    SizeLimits.end(dir, name);
    FaultPoints.reached("limit lifted");
    Trees.remove(dir, name);
  }

  private static void sweep(Dir dir) {
    for (String name : dir.list()) {
      if (name.startsWith(LAYER + ".NEW-") || name.startsWith(LAYER + ".OLD-")) {
        remove(dir, name);
      }
    }
  }
}
