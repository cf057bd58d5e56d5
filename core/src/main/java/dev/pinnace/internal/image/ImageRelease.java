package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.spec.Digest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the use of images that may have been removed by force meanwhile. Thread-safe. */
final class ImageRelease {
  private static final Logger LOG = LoggerFactory.getLogger(ImageRelease.class);

  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageIndex index;
  private final ImageCollector collector;

  ImageRelease(
      ContentStore content, LayerUnpacker unpacker, ImageIndex index, ImageCollector collector) {
    this.content = content;
    this.unpacker = unpacker;
    this.index = index;
    this.collector = collector;
  }

  /** As {@link ImageStore#release}. */
  void release(Optional<Digest> imageId, Runnable removal) {
    Waits.undisturbed(
        () -> {
          if (!isListed(imageId)) {
            removeWithLayers(removal);
            return;
          }
          removal.run();
          if (!isListed(imageId)) { // it was removed meanwhile
            removeWithLayers(() -> {});
          }
        });
  }

  /** Damage to the list of images keeps no container from being removed. */
  private boolean isListed(Optional<Digest> imageId) {
    try {
      return imageId.isPresent()
          && guarded("look up image " + imageId.get(), () -> index.has(imageId.get()));
    } catch (PinnaceException e) {
      LOG.warn(
          "what is left of image {} stays, should it have been removed: {}",
          imageId.get(),
          e.getMessage());
      LOG.debug("the cause", e);
      return true;
    }
  }

  private void removeWithLayers(Runnable removal) {
    Optional<Lease> mark = markLayers();
    try {
      removal.run();
      mark.ifPresent(Lease::abandon);
    } finally {
      mark.ifPresent(Lease::close);
    }
    try {
      collector.collect();
    } catch (PinnaceException e) {
      LOG.warn(
          "layers of a removed image are left to the next engine on this root: {}", e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  /** So that what may go goes at the next open when this process is killed; not on a full disk. */
  private Optional<Lease> markLayers() {
    try {
      return Optional.of(guarded("mark layers", () -> content.lease(unpacker.list())));
    } catch (PinnaceException e) {
      LOG.debug("layers go without a mark", e);
      return Optional.empty();
    }
  }
}
