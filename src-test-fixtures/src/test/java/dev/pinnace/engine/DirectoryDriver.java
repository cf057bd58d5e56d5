package dev.pinnace.engine;

import dev.pinnace.error.CancelledException;
import dev.pinnace.spi.volume.VolumeDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps volumes as directories of its own, and remembers what it was asked for. */
class DirectoryDriver implements VolumeDriver {
  final List<String> calls = new CopyOnWriteArrayList<>();
  private final Path directory;
  private final String name;

  /** The verb that it fails at. */
  String failing = "";

  /** Whether it fails as one whose thread is interrupted. */
  boolean interrupted;

  /** Whether it does so once, and the thread's flag is set. */
  boolean interruptedOnce;

  DirectoryDriver(String name, Path directory) {
    this.name = name;
    this.directory = directory;
  }

  @Override
  public String name() {
    return name;
  }

  private void called(String verb, String volume) {
    calls.add(verb + " " + volume);
    if (failing.equals(verb)) {
      if (interruptedOnce) {
        failing = "";
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted at the shelf");
      }
      if (interrupted) {
        throw new CancelledException("interrupted at the shelf");
      }
      throw new IllegalStateException("the shelf is full");
    }
  }

  Path place(String volume) {
    return directory.resolve(volume);
  }

  @Override
  public void create(String volume, Map<String, String> options) {
    called("create", volume);
    if (options.containsKey("colour")) {
      throw new IllegalArgumentException("there is no option colour");
    }
    try {
      Files.createDirectories(place(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void remove(String volume) {
    called("remove", volume);
    try (var files = Files.walk(place(volume))) {
      for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (java.nio.file.NoSuchFileException gone) {
      calls.add("gone " + volume);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path mount(String volume, String user) {
    called("mount", volume);
    return failing.equals("path") ? Path.of("nowhere") : place(volume);
  }

  @Override
  public void unmount(String volume, String user) {
    called("unmount", volume);
  }

  @Override
  public Optional<Path> path(String volume) {
    if (failing.equals("find")) {
      throw new IllegalStateException("the shelf is dark");
    }
    return Optional.of(place(volume));
  }
}
