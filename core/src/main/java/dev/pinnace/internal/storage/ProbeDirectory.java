package dev.pinnace.internal.storage;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.Dir;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A place to try things, on the file system where layers would live. It is a draft, so that a
 * killed probe is swept like one. Closing removes it, and the driver's directory too if that was
 * made for the probe.
 */
public final class ProbeDirectory implements AutoCloseable {
  private final Path directory;
  private final boolean made;
  private final LayerStore store;
  private final Draft draft;

  private ProbeDirectory(Path directory, boolean made, LayerStore store, Draft draft) {
    this.directory = directory;
    this.made = made;
    this.store = store;
    this.draft = draft;
  }

  /**
   * Makes one.
   *
   * @throws PinnaceException if nothing can be written there
   */
  public static ProbeDirectory make(Path directory) {
    boolean made = !Files.exists(directory);
    LayerStore store = LayerStore.open(directory, "tree", false);
    try {
      return new ProbeDirectory(directory, made, store, store.draft("probe"));
    } catch (RuntimeException | Error failure) {
      store.close();
      throw failure;
    }
  }

  /** The empty directory. */
  public Dir dir() {
    return draft.dir();
  }

  /** The path of something in it. */
  public Path path(String name) {
    return store.path(draft, name);
  }

  @Override
  public void close() {
    Attempt.run("remove the probe's files in " + directory, draft::close);
    store.close();
    if (made) {
      try {
        Files.deleteIfExists(directory.resolve("drafts"));
        Files.deleteIfExists(directory.resolve("removed"));
        Files.deleteIfExists(directory);
      } catch (DirectoryNotEmptyException used) {
        // Another process began to use it meanwhile: then it stays.
        return;
      } catch (IOException failure) {
        throw new PinnaceException("cannot remove " + directory + ": " + failure, failure);
      }
    }
  }
}
