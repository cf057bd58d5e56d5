package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import java.util.List;
import java.util.Optional;

/** Takes images away, but not from under containers. */
final class ImageRemovals {
  private final Parts parts;

  ImageRemovals(Parts parts) {
    this.parts = parts;
  }

  /** Removes a name, or an image, as {@link dev.pinnace.Images#remove} says. */
  ImageRemoval remove(String reference, boolean force) {
    ImageStore.Removal removal =
        parts.images().remove(reference, force, image -> check(reference, image, force));
    long unused = parts.images().collect();
    return new ImageRemoval(familiar(removal.untagged()), removal.deleted());
  }

  private void check(String reference, ListedImage image, boolean force) {
    List<String> users = users(image);
    if (!users.isEmpty() && !force && image.names().size() <= 1) {
      throw new ConflictException(
          "the image "
              + reference
              + " is used by "
              + String.join(", ", users)
              + (users.size() == 1 ? ": remove it" : ": remove them")
              + " first, or force the removal");
    }
  }

  /**
   * Removes an image that was listed and that no container uses.
   *
   * @throws ConflictException if it has got other names, or a container, since then
   */
  ImageRemoval remove(ListedImage image) {
    if (!users(image).isEmpty() || !parts.images().removeUnchanged(image)) {
      throw new ConflictException("image " + image.id().shortHex() + " is needed by now");
    }
    return new ImageRemoval(familiar(image.names()), Optional.of(image.id()));
  }

  private static List<String> familiar(List<ImageReference> names) {
    return names.stream().map(ImageReference::familiar).toList();
  }

  private List<String> users(ListedImage image) {
    return parts.store().ids().stream()
        .flatMap(id -> parts.store().read(id).stream())
        .filter(record -> record.imageId().equals(image.id()))
        .map(ContainerRecord::name)
        .toList();
  }
}
