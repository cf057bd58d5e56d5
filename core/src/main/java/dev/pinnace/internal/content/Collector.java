package dev.pinnace.internal.content;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** One collection: mark what leases and names hold, sweep the rest. */
final class Collector {
  private final ContentStore store;
  private final Set<String> living = new HashSet<>();
  private final Set<Digest> pinned = new HashSet<>();
  private final Set<Digest> abandoned = new HashSet<>();
  private final Set<Digest> resumable = new HashSet<>();
  private final List<Path> dead = new ArrayList<>();

  Collector(ContentStore store) {
    this.store = store;
  }

  /** Removes whatever nobody needs. */
  ContentStore.Collection all(ContentStore.Keeper keeper) throws IOException {
    return run(keeper, digest -> true);
  }

  /** Removes what nobody needs of that which leases of killed processes pinned. */
  ContentStore.Collection abandoned(ContentStore.Keeper keeper) throws IOException {
    return run(keeper, abandoned::contains);
  }

  private ContentStore.Collection run(ContentStore.Keeper keeper, Predicate<Digest> candidates)
      throws IOException {
    try (LockFile alone = store.lockCollection(LockFile.Mode.EXCLUSIVE)) {
      readLeases();
      long partials = removePartials();
      Set<Digest> kept = new HashSet<>(keeper.keep(Set.copyOf(pinned), candidates));
      kept.addAll(pinned);
      ContentStore.Collection result =
          sweep(digest -> !kept.contains(digest) && candidates.test(digest), partials);
      // Last, so that a recovery that is itself interrupted is done again.
      for (Path file : dead) {
        Files.deleteIfExists(file);
      }
      alone.unlock();
      return result;
    }
  }

  /** Whether there is a lease of a process that is gone. */
  static boolean isNeeded(ContentStore store) throws IOException {
    return leases(store).stream().anyMatch(name -> !Lease.isAlive(store.leases(), name));
  }

  private static List<String> leases(ContentStore store) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(store.leases(), "*" + Lease.SUFFIX)) {
      files.forEach(file -> names.add(String.valueOf(file.getFileName())));
    }
    return names;
  }

  private void readLeases() throws IOException {
    for (String name : leases(store)) {
      Path file = store.leases().resolve(name);
      if (Lease.isAlive(store.leases(), name)) {
        living.add(name.substring(0, name.length() - Lease.SUFFIX.length()));
        pinned.addAll(pins(lines(file)));
      } else {
        dead.add(file);
        List<String> lines = lines(file);
        abandoned.addAll(pins(lines));
        if (!lines.contains(Lease.WRONG)) {
          resumable.addAll(resumable(lines));
        }
      }
    }
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException ended) {
      return List.of(); // what it pinned is published by now, or of no use
    }
  }

  private static Set<Digest> resumable(List<String> lines) {
    return pins(
        lines.stream()
            .filter(line -> line.startsWith(Lease.RESUMABLE))
            .map(line -> line.substring(Lease.RESUMABLE.length()))
            .toList());
  }

  private static Set<Digest> pins(List<String> lines) {
    Set<Digest> pins = new HashSet<>();
    for (String line : lines) {
      try {
        pins.add(Digest.parse(line));
      } catch (InvalidSpecException torn) {
        // The host lost power while it was written: what it was to pin was not yet begun.
      }
    }
    return pins;
  }

  private long removePartials() throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store.ingestDirectory())) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        int dash = name.indexOf('-');
        if (dash >= 0 && !living.contains(name.substring(0, dash))) {
          bytes += ContentStore.sizeUnlessGone(file);
          Files.deleteIfExists(file);
        }
      }
    }
    return bytes;
  }

  private ContentStore.Collection sweep(Predicate<Digest> unwanted, long freed) throws IOException {
    int removed = 0;
    long bytes = freed;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store.blobsDirectory())) {
      for (Path file : files) {
        if (isBlob(file, unwanted)) {
          bytes += takeAway(file);
          removed++;
          FaultPoints.reached("blob removed");
        }
      }
    }
    return new ContentStore.Collection(removed, bytes);
  }

  /** How many bytes that freed. */
  private long takeAway(Path blob) throws IOException {
    String hex = String.valueOf(blob.getFileName());
    Path partial = store.ingestDirectory().resolve(hex + PartialBlob.SUFFIX);
    if (resumable.contains(new Digest(hex)) && !Files.exists(partial)) {
      Files.move(blob, partial);
      return 0;
    }
    long bytes = Files.size(blob);
    Files.delete(blob);
    return bytes;
  }

  private static boolean isBlob(Path file, Predicate<Digest> unwanted) {
    try {
      return unwanted.test(new Digest(String.valueOf(file.getFileName())));
    } catch (InvalidSpecException foreign) {
      return false; // not a blob of ours, so not ours to remove
    }
  }
}
