package dev.pinnace.internal.engine;

import dev.pinnace.PullOptions;
import dev.pinnace.Task;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.event.Event.Action;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.StoredImage;
import dev.pinnace.internal.image.pull.ImagePull;
import dev.pinnace.internal.image.pull.ProgressBoard;
import dev.pinnace.internal.image.pull.RepositorySource;
import dev.pinnace.internal.image.registry.RegistryClient;
import dev.pinnace.internal.image.registry.Repository;
import dev.pinnace.internal.image.registry.ResolvedManifest;
import dev.pinnace.internal.state.ContainerRecord;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import dev.pinnace.spec.PullPolicy;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings images from registries into the store. Thread-safe. */
final class Pulls {
  private static final Logger LOG = LoggerFactory.getLogger(Pulls.class);

  private static final String MADE_HERE =
      "; images of localhost/ are made here: by import-host (Images.fromHost), import, commit or"
          + " load";

  private final ImageStore images;
  private final Supplier<RegistryClient> registries;
  private final Executor threads;
  private final Tasks tasks;
  private final Events events;

  Pulls(Parts parts, Tasks tasks, Events events) {
    this.images = parts.images();
    this.registries = parts.registries();
    this.threads = parts.work();
    this.tasks = tasks;
    this.events = events;
  }

  /**
   * Begins to pull an image.
   *
   * @param shown what the caller gets of it
   */
  <T> Task<T> start(ImageReference reference, PullOptions options, Function<StoredImage, T> shown) {
    ImageReference name = named(reference);
    return tasks.start(
        "the pull of " + name.familiar(), () -> shown.apply(pull(name, options, Optional.empty())));
  }

  /** What it will be called: a digest decides, and then the tag says nothing. */
  private static ImageReference named(ImageReference reference) {
    return reference
        .digest()
        .map(digest -> ImageReference.parse(reference.repository() + "@" + digest))
        .orElseGet(reference::withDefaultTag);
  }

  private StoredImage pull(ImageReference name, PullOptions options, Optional<Lease> user) {
    Repository repository = registries.get().repository(name);
    ResolvedManifest resolved = resolve(repository, name);
    try (ProgressBoard board = ProgressBoard.open(options.progress(), threads)) {
      ImagePull pull =
          new ImagePull(
              resolved.descriptor(),
              options.platform().orElseGet(Platform::host),
              new RepositorySource(repository, resolved),
              repository.name(),
              board,
              threads,
              registries.get().registries().parallelTransfers(),
              options.platform().isPresent());
      StoredImage image = images.pull(pull, name, user);
      events.tellImage(
          Action.PULL, name.familiar(), name.familiarName(), image.config().config().labels());
      return image;
    } finally {
      settle();
    }
  }

  /**
   * Asks the registry what is meant. A registry of this host on the usual port is rare: whoever
   * names it more often means an image that was not made yet.
   */
  private static ResolvedManifest resolve(Repository repository, ImageReference name) {
    try {
      return repository.resolve(name.digest().map(Digest::toString).or(name::tag).orElseThrow());
    } catch (NotFoundException nowhere) {
      throw name.domain().equals("localhost")
          ? new NotFoundException(nowhere.getMessage() + MADE_HERE, nowhere)
          : nowhere;
    } catch (RegistryException failure) {
      throw name.domain().equals("localhost") && failure.status().isEmpty()
          ? new RegistryException(failure.getMessage() + MADE_HERE, failure)
          : failure;
    }
  }

  /** Nobody waits for the disk but the engine's close. */
  void settle() {
    threads.execute(
        () -> {
          try {
            images.settle();
          } catch (PinnaceException failure) {
            LOG.warn(
                "what was pulled is not on the disk yet; the next engine tries again: {}",
                failure.getMessage());
            LOG.debug("the cause", failure);
          }
        });
  }

  /**
   * The image of a container, pulled if its policy says so.
   *
   * @throws NotFoundException if it is neither here nor there
   */
  ImageStore.Leased lease(ContainerSpec spec) {
    PullPolicy policy = spec.pull().orElse(PullPolicy.MISSING);
    Optional<ImageReference> known = reference(spec.image());
    if (policy == PullPolicy.ALWAYS && known.isPresent()) {
      return fitting(fetch(spec, known.get()), spec);
    }
    Optional<ImageStore.Leased> here = unpacked(images.lease(spec.image()), spec.image());
    if (policy == PullPolicy.MISSING
        && known.isPresent()
        && here.filter(image -> image.unpacked() && fits(image, spec)).isEmpty()) {
      here.ifPresent(incomplete -> incomplete.lease().close());
      return fitting(fetch(spec, known.get()), spec);
    }
    ImageStore.Leased leased =
        here.orElseThrow(
            () ->
                new NotFoundException(
                    "there is no image \""
                        + spec.image()
                        + "\" here: pull or load it, or make one of programs of the host"));
    return fitting(leased, spec);
  }

  private static ImageStore.Leased fitting(ImageStore.Leased leased, ContainerSpec spec) {
    if (!fits(leased, spec)) {
      leased.lease().close();
      throw new NotFoundException(
          "the image \""
              + spec.image()
              + "\" that is here is for "
              + leased.image().platform()
              + ", not for "
              + spec.platform().map(Platform::toString).orElse("")
              + ": pull it for that platform, or run it without one");
    }
    return leased;
  }

  private static boolean fits(ImageStore.Leased leased, ContainerSpec spec) {
    return spec.platform().map(wanted -> wanted.runs(leased.image().platform())).orElse(true);
  }

  /** What lacks layers, as after a power failure, gets them from its blobs if those are here. */
  private Optional<ImageStore.Leased> unpacked(Optional<ImageStore.Leased> image, String name) {
    if (image.filter(incomplete -> !incomplete.unpacked()).isEmpty()) {
      return image;
    }
    image.get().lease().close();
    try {
      StoredImage unused = images.unpack(image.get().image(), threads);
    } catch (NotFoundException | CorruptException lost) {
      LOG.warn("image {} cannot be unpacked again: {}", name, lost.getMessage());
    }
    return images.lease(name);
  }

  /**
   * Unpacks the layers of a container's image again if they are not here: an earlier boot of the
   * host may not have brought them to the disk.
   */
  void restore(ContainerRecord record) {
    try {
      String id = record.imageId().toString();
      if (images.find(id).filter(image -> !images.isUnpacked(image)).isPresent()) {
        unpacked(images.lease(id), record.spec().image()).ifPresent(image -> image.lease().close());
      }
    } catch (CorruptException damage) { // of the list of images, which no container needs
      LOG.warn(
          "whether the layers of {} are all here is not known: {}",
          record.name(),
          damage.getMessage());
      LOG.debug("the cause", damage);
    }
  }

  /** Whoever removes the image once it is here, its layers stay for the container. */
  private ImageStore.Leased fetch(ContainerSpec spec, ImageReference reference) {
    Lease lease = images.lease();
    try {
      return new ImageStore.Leased(fetched(spec, reference, lease), lease, true);
    } catch (RuntimeException | Error e) {
      lease.close();
      throw e;
    }
  }

  private StoredImage fetched(ContainerSpec spec, ImageReference reference, Lease lease) {
    ImageReference name = named(reference);
    String lacking =
        "there is no image \""
            + spec.image()
            + "\""
            + spec.platform().map(platform -> " for " + platform).orElse("")
            + " here: ";
    PullOptions options = new PullOptions(spec.platform(), Optional.empty());
    try {
      return tasks
          .start("the pull of " + name.familiar(), () -> pull(name, options, Optional.of(lease)))
          .await();
    } catch (NotFoundException nowhere) {
      throw new NotFoundException(lacking + nowhere.getMessage(), nowhere);
    } catch (RegistryException failure) {
      throw failure.status().isPresent()
          ? failure
          : new RegistryException(lacking + failure.getMessage(), failure);
    }
  }

  /** Empty for an id, which no registry knows. */
  private static Optional<ImageReference> reference(String image) {
    try {
      return image.startsWith("sha256:")
          ? Optional.empty()
          : Optional.of(ImageReference.parse(image));
    } catch (InvalidSpecException id) {
      return Optional.empty();
    }
  }
}
