package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Removes blobs and unpacked layers that nobody needs. Thread-safe. */
final class ImageCollector {
  private static final Duration OLDEST_PARTIAL = Duration.ofDays(1);

  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private final ImageIndex index;
  private final Supplier<Set<Digest>> inUse;

  /**
   * @param inUse chain IDs and blobs that containers need
   */
  ImageCollector(
      ContentStore content,
      LayerUnpacker unpacker,
      ImageReader reader,
      ImageIndex index,
      Supplier<Set<Digest>> inUse) {
    this.content = content;
    this.unpacker = unpacker;
    this.reader = reader;
    this.index = index;
    this.inUse = inUse;
  }

  /** As {@link ImageStore#collect}. */
  long collect() {
    AtomicLong layers = new AtomicLong();
    ContentStore.Collection blobs =
        deletingLast(
            "collect unused images",
            files ->
                content.collect(
                    (pinned, unneeded) -> {
                      Sweep swept = sweep(pinned, unneeded);
                      files.add(swept.layers().files());
                      layers.addAndGet(swept.layers().bytes());
                      return swept.needed();
                    }));
    content.reserve().take();
    return blobs.bytes() + layers.get();
  }

  /** As {@link ImageStore#recover}. */
  ContentStore.Collection recover() {
    return deletingLast(
        "remove unfinished images",
        files -> {
          content.removePartials(OLDEST_PARTIAL);
          content.suspects(suspects -> files.add(judge(suspects)));
          return content.recover(
              (pinned, unneeded) -> {
                Sweep swept = sweep(pinned, unneeded);
                files.add(swept.layers().files());
                return swept.needed();
              });
        });
  }

  /** Collects, for which everybody waits, and afterwards deletes the files of what was swept. */
  private static ContentStore.Collection deletingLast(String what, Collecting collecting) {
    try (Files files = new Files(new ArrayList<>())) {
      return guarded(what, () -> collecting.collect(files));
    }
  }

  private interface Collecting {
    ContentStore.Collection collect(Files files) throws IOException;
  }

  /** What deletes the files of layers that vanished. */
  private record Files(List<Runnable> deletions) implements AutoCloseable {
    void add(Runnable deletion) {
      deletions.add(deletion);
    }

    @Override
    public void close() {
      deletions.forEach(Runnable::run);
    }
  }

  /**
   * Removes what an earlier boot of the host may not have brought to the disk: blobs that are not
   * what their names say, and layers, which are unpacked again from their blobs when they are
   * needed.
   *
   * @return deletes the files of the layers
   */
  private Runnable judge(Set<Digest> suspects) {
    return guarded(
        "look at what was pulled before the host ended",
        () -> {
          for (Digest suspect : suspects) {
            content.removeIfDamaged(suspect);
          }
          return unpacker.vanish(suspects).files();
        });
  }

  private record Sweep(Set<Digest> needed, LayerUnpacker.Vanished layers) {}

  /** Has unneeded layers among {@code candidates} vanish, and answers what is needed. */
  private Sweep sweep(Set<Digest> pinned, Predicate<Digest> candidates) {
    Set<Digest> needed = new HashSet<>(inUse.get());
    try {
      for (Descriptor target : index.names().images().keySet()) {
        reader.reach(target, needed);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Set<Digest> unwanted =
        unpacker.list().stream().filter(candidates).collect(Collectors.toCollection(HashSet::new));
    unwanted.removeAll(needed);
    unwanted.removeAll(pinned);
    return new Sweep(needed, unpacker.vanish(unwanted));
  }
}
