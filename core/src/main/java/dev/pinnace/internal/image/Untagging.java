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

  /**
   * As {@link ImageStore#remove}; empty if the images are not any more what was listed.
   *
   * @param images one by name, or all of an id
   */
  Optional<ImageStore.Removal> remove(String nameOrId, List<ListedImage> images, boolean force) {
    ListedImage image = images.get(0);
    List<ImageReference> asked = ImageLookup.namesOf(nameOrId, image);
    List<ImageReference> going = asked.isEmpty() ? names(images) : asked;
    if (going.size() > 1 && !force) {
      throw new ConflictException(
          "image "
              + image.id().shortHex()
              + " has several names ("
              + String.join(", ", going.stream().map(ImageReference::familiar).toList())
              + "): remove them one by one, or force it");
    }
    if (asked.isEmpty() || asked.containsAll(image.names())) {
      return removeAll(nameOrId, images);
    }
    return change(images, nameOrId, names -> without(names, asked))
        ? Optional.of(new ImageStore.Removal(asked, Optional.empty()))
        : Optional.empty();
  }

  private static NameTable without(NameTable names, List<ImageReference> gone) {
    NameTable left = names;
    for (ImageReference name : gone) {
      left = left.withoutName(name);
    }
    return left;
  }

  private static List<ImageReference> names(List<ListedImage> images) {
    return images.stream().flatMap(image -> image.names().stream()).toList();
  }

  /** Removes images of one id with all their names; empty if they are not what was listed. */
  Optional<ImageStore.Removal> removeAll(String nameOrId, List<ListedImage> images) {
    Digest id = images.get(0).id();
    if (!change(
        images,
        nameOrId,
        names -> {
          NameTable left = names;
          for (ListedImage image : images) {
            left = left.withoutImage(image.target());
          }
          return left;
        })) {
      return Optional.empty();
    }
    boolean gone =
        guarded(
            "look up " + id,
            () -> index.entries().stream().noneMatch(other -> other.id().equals(id)));
    return Optional.of(
        new ImageStore.Removal(names(images), gone ? Optional.of(id) : Optional.empty()));
  }

  /** Changes the names if those of {@code images} are still what was listed: whether it was so. */
  private boolean change(
      List<ListedImage> images, String nameOrId, UnaryOperator<NameTable> change) {
    AtomicBoolean unchanged = new AtomicBoolean();
    updateWithout(
        images,
        nameOrId,
        names -> {
          unchanged.set(
              images.stream().allMatch(i -> i.names().equals(names.images().get(i.target()))));
          return unchanged.get() ? change.apply(names) : names;
        });
    return unchanged.get();
  }

  /** On a full disk what is reserved is given up for it. */
  private void updateWithout(
      List<ListedImage> images, String nameOrId, UnaryOperator<NameTable> change) {
    try {
      markAndUpdate(images, nameOrId, change);
    } catch (PinnaceException full) {
      if (!content.reserve().giveUp(full)) {
        throw full;
      }
      markAndUpdate(images, nameOrId, change);
    }
  }

  /** Marks first what may go, so that it goes at the next open when this process is killed. */
  private void markAndUpdate(
      List<ListedImage> images, String nameOrId, UnaryOperator<NameTable> change) {
    Lease lease =
        guarded(
            "remove " + nameOrId,
            () -> {
              Set<Digest> reached = new HashSet<>();
              for (ListedImage image : images) {
                reader.reach(image.target(), reached);
              }
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
