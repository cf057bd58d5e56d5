package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.oci.Descriptor;
import java.util.ArrayList;
import java.util.List;
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
    KeptImages kept = new KeptImages(images, lease, release);
    try {
      for (StoredImage image : images) {
        String what = "keep image " + image.id().shortHex();
        lease.pin(guarded(what, () -> reader.parts(image.target())));
      }
      FaultPoints.reached("images pinned");
      // What is listed after that is there, and stays.
      Set<Descriptor> listed = guarded("list images", () -> index.names().images().keySet());
      for (StoredImage image : images) {
        if (!listed.contains(image.target())) {
          throw new NotFoundException(
              "the image " + image.id().shortHex() + " was removed meanwhile");
        }
      }
    } catch (RuntimeException | Error e) {
      kept.closeAfter(e);
      throw e;
    }
    return kept;
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  /** One that cannot be released does not keep the others. */
  @Override
  public void close() {
    List<Runnable> steps = new ArrayList<>();
    steps.add(lease::close);
    images.forEach(image -> steps.add(() -> release.release(Optional.of(image.id()), () -> {})));
    List<RuntimeException> failures = new ArrayList<>();
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.remove(0);
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }
}
