package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.oci.Descriptor;
import java.util.Optional;
import java.util.Set;

/**
 * Images that somebody uses without being a container: nothing of them is collected until this is
 * closed. What was removed meanwhile goes then. Thread-safe.
 */
public final class KeptImages implements AutoCloseable {
  private final Set<StoredImage> images;
  private final Lease lease;
  private final ImageRelease release;

  private KeptImages(Set<StoredImage> images, Lease lease, ImageRelease release) {
    this.images = images;
    this.lease = lease;
    this.release = release;
  }

  /**
   * Keeps them.
   *
   * @param lease becomes this one's
   */
  static KeptImages keep(
      Set<StoredImage> images,
      Lease lease,
      ImageReader reader,
      ImageIndex index,
      ImageRelease release) {
    try {
      for (StoredImage image : images) {
        String what = "keep image " + image.id().shortHex();
        lease.pin(guarded(what, () -> reader.parts(image.target())));
      }
      // What is listed after that is there, and stays.
      Set<Descriptor> listed = guarded("list images", () -> index.names().images().keySet());
      for (StoredImage image : images) {
        if (!listed.contains(image.target())) {
          throw new NotFoundException(
              "the image " + image.id().shortHex() + " was removed meanwhile");
        }
      }
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
    return new KeptImages(images, lease, release);
  }

  @Override
  public void close() {
    lease.close();
    images.forEach(image -> release.release(Optional.of(image.id()), () -> {}));
  }
}
