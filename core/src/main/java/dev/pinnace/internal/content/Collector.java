package dev.pinnace.internal.content;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** One collection: mark what leases and names hold, sweep the rest. */
final class Collector {
  private final ContentStore store;
  private final Set<String> living = new HashSet<>();
  private final Set<Digest> pinned = new HashSet<>();

  Collector(ContentStore store) {
    this.store = store;
  }

  ContentStore.Collection run(Function<Set<Digest>, Set<Digest>> keep, Predicate<Digest> candidates)
      throws IOException {
    try (LockFile alone = store.lockCollection(LockFile.Mode.EXCLUSIVE)) {
      readLeases();
      removePartials();
      Set<Digest> kept = new HashSet<>(keep.apply(Set.copyOf(pinned)));
      kept.addAll(pinned);
      ContentStore.Collection result =
          sweep(digest -> !kept.contains(digest) && candidates.test(digest));
      alone.unlock();
      return result;
    }
  }

  private void readLeases() throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(store.leases(), "*" + Lease.SUFFIX)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (Lease.isAlive(store.leases(), name)) {
          living.add(name.substring(0, name.length() - Lease.SUFFIX.length()));
          readPins(file);
        } else {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private void readPins(Path file) throws IOException {
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
        pinned.add(Digest.parse(line));
      }
    } catch (NoSuchFileException ended) {
      // The lease ended meanwhile: what it pinned is published by now, or of no use.
      return;
    }
  }

  private void removePartials() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store.ingestDirectory())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        int dash = name.indexOf('-');
        if (dash >= 0 && !living.contains(name.substring(0, dash))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private ContentStore.Collection sweep(Predicate<Digest> unwanted) throws IOException {
    int removed = 0;
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store.blobsDirectory())) {
      for (Path file : files) {
        if (isBlob(file, unwanted)) {
          bytes += Files.size(file);
          removed++;
          Files.delete(file);
        }
      }
    }
    return new ContentStore.Collection(removed, bytes);
  }

  private static boolean isBlob(Path file, Predicate<Digest> unwanted) {
    try {
      return unwanted.test(new Digest(file.getFileName().toString()));
    } catch (InvalidSpecException foreign) {
      return false; // not a blob of ours, so not ours to remove
    }
  }
}
