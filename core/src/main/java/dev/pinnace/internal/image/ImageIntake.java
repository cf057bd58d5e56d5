package dev.pinnace.internal.image;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.content.BlobBatch;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Unsynced;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.pull.ImagePull;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.ImageReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Brings images in under a lease, and names them last. Thread-safe. */
final class ImageIntake {
  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private final ImageIndex index;
  private final ImageCollector collector;

  ImageIntake(
      ContentStore content,
      LayerUnpacker unpacker,
      ImageReader reader,
      ImageIndex index,
      ImageCollector collector) {
    this.content = content;
    this.unpacker = unpacker;
    this.reader = reader;
    this.index = index;
    this.collector = collector;
  }

  /** Takes in what {@code source} brings. */
  List<StoredImage> add(ImageStore.Source source) throws IOException {
    try (Lease lease = content.lease()) {
      List<LoadedImage> images = take(source, lease);
      List<StoredImage> stored = new ArrayList<>();
      for (LoadedImage image : images) {
        stored.add(reader.read(image.target(), image.names()));
      }
      return List.copyOf(stored);
    }
  }

  private List<LoadedImage> take(ImageStore.Source source, Lease lease) throws IOException {
    try (BlobBatch documents = content.batch(lease)) {
      List<LoadedImage> images =
          source.take(new LayerIngest(content, unpacker, lease, documents::put));
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted: nothing was added");
      }
      documents.publish();
      index.change(names -> withNames(names, images));
      return images;
    } catch (IOException | RuntimeException | Error failure) {
      takeBack(lease, failure);
      throw failure;
    }
  }

  /** What fails or is interrupted leaves no more than what is killed and recovered. */
  private void takeBack(Lease lease, Throwable failure) {
    try {
      lease.abandon();
      Waits.undisturbed(collector::recover);
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  private static NameTable withNames(NameTable before, List<LoadedImage> images) {
    Map<Descriptor, List<ImageReference>> names = new LinkedHashMap<>();
    for (LoadedImage image : images) {
      names.computeIfAbsent(image.target(), first -> new ArrayList<>()).addAll(image.names());
    }
    return before.with(names);
  }

  /** Takes in what a pull brings, and gives it those names. */
  StoredImage pull(ImagePull pull, List<ImageReference> name, Optional<Lease> user)
      throws IOException {
    try (Lease lease = content.lease();
        Unsynced marks = content.unsynced()) {
      LayerIngest ingest = new LayerIngest(content, unpacker, lease, false);
      LoadedImage image = take(ignored -> List.of(named(pull, name, ingest, marks)), lease).get(0);
      StoredImage stored = reader.read(image.target(), image.names());
      user.ifPresent(lasting -> lasting.pin(Set.copyOf(stored.config().chainIds())));
      return stored;
    }
  }

  private LoadedImage named(
      ImagePull pull, List<ImageReference> names, LayerIngest ingest, Unsynced marks)
      throws IOException {
    try {
      Descriptor manifest = pull.run(content, unpacker, ingest, marks);
      return new LoadedImage(pull.target().on(manifest.platform()), names);
    } catch (CorruptException | InvalidSpecException | UnsupportedException wrong) {
      ingest.lease().wrong();
      throw wrong;
    }
  }
}
