package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/**
 * Takes names from images, and images from the list. What that leaves of an image goes with the
 * next collection. Thread-safe.
 */
final class Untagging {
  private final ContentStore content;
  private final ImageReader reader;
  private final ImageIndex index;

  Untagging(ContentStore content, ImageReader reader, ImageIndex index) {
    this.content = content;
    this.reader = reader;
    this.index = index;
  }

  /** As {@link ImageStore#remove}; empty if the image is not any more what was listed. */
  Optional<ImageStore.Removal> remove(String nameOrId, ListedImage image, boolean force) {
    Optional<ImageReference> name = ImageLookup.nameOf(nameOrId, image);
    if (name.isPresent()) {
      boolean last = image.names().size() == 1;
      ImageStore.Removal removal =
          new ImageStore.Removal(
              List.of(name.get()), last ? Optional.of(image.id()) : Optional.empty());
      return change(image, nameOrId, names -> names.withoutName(name.get()))
          ? Optional.of(removal)
          : Optional.empty();
    }
    if (image.names().size() > 1 && !force) {
      throw new ConflictException(
          "image "
              + image.id().shortHex()
              + " has several names ("
              + String.join(", ", image.names().stream().map(ImageReference::familiar).toList())
              + "): remove them one by one, or force it");
    }
    return removeUnchanged(image)
        ? Optional.of(new ImageStore.Removal(image.names(), Optional.of(image.id())))
        : Optional.empty();
  }

  /** As {@link ImageStore#removeUnchanged}. */
  boolean removeUnchanged(ListedImage image) {
    return change(image, image.id().toString(), names -> names.withoutImage(image.target()));
  }

  /** Changes the names if those of {@code image} are still what was listed: whether it was so. */
  private boolean change(ListedImage image, String nameOrId, UnaryOperator<NameTable> change) {
    AtomicBoolean unchanged = new AtomicBoolean();
    updateWithout(
        image,
        nameOrId,
        names -> {
          unchanged.set(image.names().equals(names.images().get(image.target())));
          return unchanged.get() ? change.apply(names) : names;
        });
    return unchanged.get();
  }

  /** On a full disk what is reserved is given up for it. */
  private void updateWithout(ListedImage image, String nameOrId, UnaryOperator<NameTable> change) {
    try {
      markAndUpdate(image, nameOrId, change);
    } catch (PinnaceException full) {
      if (!content.reserve().giveUp(full)) {
        throw full;
      }
      markAndUpdate(image, nameOrId, change);
    }
  }

  /** Marks first what may go, so that it goes at the next open when this process is killed. */
  private void markAndUpdate(ListedImage image, String nameOrId, UnaryOperator<NameTable> change) {
    Lease lease =
        guarded(
            "remove " + nameOrId,
            () -> {
              Set<Digest> reached = new HashSet<>();
              reader.reach(image.target(), reached);
              return content.lease(reached);
            });
    try {
      guarded(
          "remove " + nameOrId,
          () -> {
            index.change(change);
            return true;
          });
      lease.abandon();
    } finally {
      lease.close();
    }
  }
}
