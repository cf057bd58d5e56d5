package dev.pinnace.internal.engine;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.ImageRemoval;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes images away, but not from under containers. */
final class ImageRemovals {
  private static final Logger LOG = LoggerFactory.getLogger(ImageRemovals.class);

  private final Parts parts;
  private final Events events;

  ImageRemovals(Parts parts, Events events) {
    this.parts = parts;
    this.events = events;
  }

  /** Removes a name, or an image, as {@link dev.pinnace.Images#remove} says. */
  ImageRemoval remove(String reference, boolean force) {
    AtomicReference<String> id = new AtomicReference<>(reference);
    ImageStore.Removal removal =
        parts
            .images()
            .remove(
                reference,
                force,
                image -> {
                  check(image, reference, force);
                  id.set(image.id().toString());
                });
    collect();
    return told(removal, Objects.requireNonNull(id.get(), "id"));
  }

  private ImageRemoval told(ImageStore.Removal removal, String id) {
    ImageRemoval done = new ImageRemoval(familiar(removal.untagged()), removal.deleted());
    events.tellRemoval(done, id);
    return done;
  }

  private void check(ListedImage image, String reference, boolean force) {
    if (!force && image.names().size() <= 1) {
      refuseIfUsed(image, reference);
    }
  }

  private void refuseIfUsed(ListedImage image, String reference) {
    List<String> users = users(image);
    if (!users.isEmpty()) {
      throw new ConflictException(
          "the image \""
              + reference
              + "\" is used by "
              + users.stream().map(user -> '"' + user + '"').collect(Collectors.joining(", "))
              + (users.size() == 1 ? ": remove it" : ": remove them")
              + " first, or force the removal");
    }
  }

  /** The image is removed, whatever becomes of its bytes. */
  private void collect() {
    try {
      long unused = parts.images().collect();
    } catch (PinnaceException e) {
      LOG.warn(
          "the image is removed, but what it took on the disk stays until the next removal or"
              + " prune: {}",
          e.getMessage());
      LOG.debug("the cause", e);
    }
  }

  /**
   * Removes an image that was listed and that no container uses.
   *
   * @throws ConflictException if it has got other names, or a container, since then
   */
  ImageRemoval remove(ListedImage image) {
    Optional<ImageStore.Removal> removal =
        users(image).isEmpty() ? parts.images().removeUnchanged(image) : Optional.empty();
    if (removal.isEmpty()) {
      throw new ConflictException("image " + image.id().shortHex() + " is needed by now");
    }
    return told(removal.get(), image.id().toString());
  }

  private static List<String> familiar(List<ImageReference> names) {
    return names.stream().map(ImageReference::familiar).toList();
  }

  /**
   * @throws CorruptException when a record is damaged: what it uses is not known
   */
  private List<String> users(ListedImage image) {
    try {
      return parts.store().ids().stream()
          .flatMap(id -> parts.store().read(id).stream())
          .filter(record -> record.imageId().equals(image.id()))
          .map(ContainerRecord::name)
          .toList();
    } catch (CorruptException | UncheckedIOException damage) {
      throw new CorruptException(
          "whether a container uses image "
              + image.id().shortHex()
              + " is not known: "
              + Damage.reason(damage),
          damage);
    }
  }
}
