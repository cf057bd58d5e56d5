package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
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
        guarded(
            "collect unused images",
            () ->
                content.collect((pinned, unneeded) -> sweep(pinned, unneeded, layers::addAndGet)));
    content.reserve().take();
    return blobs.bytes() + layers.get();
  }

  /** As {@link ImageStore#recover}. */
  ContentStore.Collection recover() {
    return guarded(
        "remove unfinished images",
        () -> {
          content.removePartials(OLDEST_PARTIAL);
          content.suspects(this::judge);
          return content.recover(this::sweep);
        });
  }

  /**
   * Removes what an earlier boot of the host may not have brought to the disk: blobs that are not
   * what their names say, and layers, which are unpacked again from their blobs when they are
   * needed.
   */
  private void judge(Set<Digest> suspects) {
    guarded(
        "look at what was pulled before the host ended",
        () -> {
          for (Digest suspect : suspects) {
            content.removeIfDamaged(suspect);
          }
          return unpacker.removeAll(suspects);
        });
  }

  private Set<Digest> sweep(Set<Digest> pinned, Predicate<Digest> candidates) {
    return sweep(pinned, candidates, freed -> {});
  }

  /** Removes unneeded layers among {@code candidates} and answers what is needed. */
  private Set<Digest> sweep(Set<Digest> pinned, Predicate<Digest> candidates, LongConsumer freed) {
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
    freed.accept(unpacker.removeAll(unwanted));
    return needed;
  }
}
