package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.image.host.HostImage;
import dev.pinnace.internal.image.host.HostImageSource;
import dev.pinnace.internal.image.layout.ArchiveLoader;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.pull.ImagePull;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The images of an engine's root: an OCI image layout under {@code content/}, names in its {@code
 * index.json}, layers unpacked by a {@link LayerUnpacker}. Thread-safe, and shared with other
 * processes that open the same root. Every failure is a {@link PinnaceException}; it leaves the
 * store as it was.
 */
public final class ImageStore {
  private static final int ATTEMPTS = 3;

  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private final ImageIndex index;
  private final Untagging untagging;
  private final ImageCollector collector;
  private final ImageRelease release;
  private final ImageIntake intake;

  private ImageStore(ContentStore content, LayerUnpacker unpacker, Supplier<Set<Digest>> inUse) {
    this.content = content;
    this.unpacker = unpacker;
    this.reader = new ImageReader(content);
    this.index = new ImageIndex(content, reader);
    this.untagging = new Untagging(content, reader, index);
    this.collector = new ImageCollector(content, unpacker, reader, index, inUse);
    this.release = new ImageRelease(content, unpacker, index, collector);
    this.intake = new ImageIntake(content, unpacker, reader, index, collector);
  }

  /**
   * Opens, and makes if need be, the store below {@code root}.
   *
   * @param inUse chain IDs and blobs that containers need; asked during a collection, when nobody
   *     begins or ends a lease
   */
  public static ImageStore open(Path root, LayerUnpacker unpacker, Supplier<Set<Digest>> inUse) {
    return guarded(
        "open the image store below " + root,
        () -> new ImageStore(ContentStore.open(root), unpacker, inUse));
  }

  /** The blobs. */
  public ContentStore content() {
    return content;
  }

  /** All images that can be read, named or not, in the order in which they came. */
  public List<StoredImage> list() {
    return entries().stream().flatMap(entry -> entry.image().stream()).toList();
  }

  /** All images, damaged ones too. */
  public List<ListedImage> entries() {
    return guarded("list images", index::entries);
  }

  /**
   * The length of the files of its layers; of a layer that has no record of that, as it is stored.
   */
  public long size(StoredImage image) {
    return layerSizes(image).stream().mapToLong(Long::longValue).sum();
  }

  /** The same layer by layer, the bottom one first. */
  public List<Long> layerSizes(StoredImage image) {
    List<Digest> chain = image.config().chainIds();
    List<Descriptor> layers = image.manifest().layers();
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < chain.size(); i++) {
      sizes.add(unpacker.size(chain.get(i)).orElse(layers.get(i).size()));
    }
    return sizes;
  }

  /**
   * An image by name, or by the beginning of its id.
   *
   * @throws NotFoundException when there is none
   * @throws InvalidSpecException when several ids begin so
   */
  public StoredImage get(String nameOrId) {
    return find(nameOrId).orElseThrow(() -> noSuch(nameOrId));
  }

  private static NotFoundException noSuch(String nameOrId) {
    return new NotFoundException("there is no image \"" + nameOrId + "\" here");
  }

  /** As {@link #get}, for what needs no documents: a damaged image is found too. */
  public ListedImage entry(String nameOrId) {
    return guarded("look up image " + nameOrId, () -> index.entry(nameOrId))
        .orElseThrow(() -> noSuch(nameOrId));
  }

  /**
   * An image of which nothing is collected until the lease is closed.
   *
   * @param unpacked whether its layers are here
   */
  public record Leased(StoredImage image, Lease lease, boolean unpacked) {}

  /**
   * As {@link #find}; the layers that are here then stay, whoever removes the image meanwhile. The
   * lease is closed when something else needs them, or nothing.
   */
  public Optional<Leased> lease(String nameOrId) {
    for (int attempt = 1; ; attempt++) {
      Optional<StoredImage> found = find(nameOrId);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      StoredImage image = found.get();
      Lease lease =
          guarded(
              "keep image " + nameOrId, () -> content.lease(Set.copyOf(image.config().chainIds())));
      // Between the two it may have been removed; then it is asked for again.
      boolean unpacked = isUnpacked(image);
      if (attempt == ATTEMPTS || unpacked) {
        return Optional.of(new Leased(image, lease, unpacked));
      }
      lease.close();
    }
  }

  /** Whether its layers are here. */
  public boolean isUnpacked(StoredImage image) {
    return image.topLayer().map(unpacker::has).orElse(true);
  }

  /**
   * Keeps everything that images need, until they are pushed or saved.
   *
   * @throws NotFoundException when one of them is removed by now
   */
  public KeptImages keep(Collection<StoredImage> images) {
    return KeptImages.keep(Set.copyOf(images), lease(), reader, index, release);
  }

  /** A lease of nothing yet. */
  public Lease lease() {
    return guarded("begin to use an image", content::lease);
  }

  /** As {@link #get}, empty when there is none. */
  public Optional<StoredImage> find(String nameOrId) {
    return guarded("look up image " + nameOrId, () -> index.find(nameOrId));
  }

  /**
   * Gives an image one more name, taking it from whatever had it.
   *
   * @return the image with its names
   */
  public StoredImage tag(String nameOrId, ImageReference name) {
    if (name.digest().isPresent()) {
      throw new InvalidSpecException("\"" + name + "\" has a digest, which nobody can assign");
    }
    StoredImage image = get(nameOrId);
    FaultPoints.reached("image to tag found");
    guarded(
        "tag " + nameOrId,
        () -> {
          index.change(
              names -> {
                // Removed meanwhile, it may be collected: a name would not bring it back.
                if (!names.images().containsKey(image.target())) {
                  throw noSuch(nameOrId);
                }
                return names.withName(name.withDefaultTag(), image.target());
              });
          return true;
        });
    return get(name.withDefaultTag().toString());
  }

  /**
   * Takes a name from an image, and removes the image with its last one. By id, the image goes with
   * its name if it has at most one, in whatever manifests; with more, only when forced. By
   * repository and digest, the names in that repository are meant: several of them go only when
   * forced, those elsewhere never. The bytes go with the next {@link #collect}.
   *
   * @param check throws where the image that was found is not to be removed; nobody gives it
   *     another name, or takes one, between that and the removal
   * @throws NotFoundException when there is no such image
   * @throws ConflictException when what was asked for has several names and {@code force} is off
   */
  public Removal remove(String nameOrId, boolean force, Consumer<ListedImage> check) {
    while (true) {
      List<ListedImage> images = guarded("look up " + nameOrId, () -> index.asked(nameOrId));
      if (images.isEmpty()) {
        throw noSuch(nameOrId);
      }
      images.forEach(check);
      Optional<Removal> removal = untagging.remove(nameOrId, images, force);
      if (removal.isPresent()) {
        return removal.get();
      }
    }
  }

  /**
   * What a removal did.
   *
   * @param untagged the names that are gone
   * @param deleted the image's id, if no image of that id is left
   */
  public record Removal(List<ImageReference> untagged, Optional<Digest> deleted) {}

  /**
   * Removes an image with all its names, if they are still those that were listed.
   *
   * @return what is gone; empty if it was not so
   */
  public Optional<Removal> removeUnchanged(ListedImage image) {
    return untagging.removeAll(image.id().toString(), List.of(image));
  }

  /**
   * Loads every image of an archive: what {@code docker save} writes, or an OCI layout; a directory
   * or a tar, compressed or not. Where the archive has an image for several platforms, the one for
   * this host is taken. Either all is loaded or nothing.
   *
   * @return the images, each with the names that the archive has for it
   */
  public List<StoredImage> load(Path archive) {
    return load(archive, Optional.empty());
  }

  /**
   * The same for a platform.
   *
   * @throws NotFoundException if an image is not there for it
   */
  public List<StoredImage> load(Path archive, Platform platform) {
    return load(archive, Optional.of(platform));
  }

  private List<StoredImage> load(Path archive, Optional<Platform> platform) {
    return add("load " + archive, ingest -> new ArchiveLoader(ingest, platform).load(archive));
  }

  /** As {@link #load(Path)}, from a stream, which is read to its end and not closed. */
  public List<StoredImage> load(InputStream archive) {
    return load(archive, Optional.empty());
  }

  /** As {@link #load(Path, Platform)}, from a stream. */
  public List<StoredImage> load(InputStream archive, Platform platform) {
    return load(archive, Optional.of(platform));
  }

  private List<StoredImage> load(InputStream archive, Optional<Platform> platform) {
    return add("load the stream", ingest -> new ArchiveLoader(ingest, platform).load(archive));
  }

  /**
   * Makes an image of programs of this host; quick while none of their files has changed.
   *
   * @param remarks gets what is to be known of it, in a line each
   */
  public StoredImage fromHost(HostImage wanted, Consumer<String> remarks) {
    HostImageSource source = new HostImageSource(content, wanted);
    return add(
            "make image " + wanted.name() + " of this host",
            ingest ->
                List.of(new LoadedImage(source.take(ingest, remarks), List.of(wanted.name()))))
        .get(0);
  }

  /**
   * Brings an image in from elsewhere and gives it a name. A pull that is interrupted, killed or
   * cut off leaves what it received for the next one; one that received something wrong leaves
   * nothing.
   */
  public StoredImage pull(ImagePull pull, ImageReference name) {
    return pull(pull, name, Optional.empty());
  }

  /**
   * The same.
   *
   * @param user gets the image's layers pinned before anybody can take them away
   */
  public StoredImage pull(ImagePull pull, ImageReference name, Optional<Lease> user) {
    return guarded("pull " + name.familiar(), () -> intake.pull(pull, List.of(name), user));
  }

  /**
   * Unpacks what is not unpacked of an image that is here, from its blobs.
   *
   * @throws NotFoundException if one of those is not here
   */
  public StoredImage unpack(StoredImage image, Executor threads) {
    return guarded(
        "unpack image " + image.id().shortHex(),
        () ->
            intake.pull(
                ImagePull.fromHere(image.target(), image.platform(), threads),
                List.of(),
                Optional.empty()));
  }

  /**
   * Brings to the disk what pulls have published; until then a power failure would make it suspect,
   * and the next open would look at it. Quick when there is nothing.
   */
  public void settle() {
    guarded(
        "sync images",
        () -> {
          content.settle(unpacker::sync);
          return true;
        });
  }

  /**
   * Removes what pulls received that did not end and were not taken up again; nothing of those that
   * are under way, in whichever process.
   *
   * @param age how long nobody must have written to it
   */
  public ContentStore.Collection removePartials(Duration age) {
    return guarded("remove partial blobs", () -> content.removePartials(age));
  }

  /** What brings images into the store: everything but their names. */
  @FunctionalInterface
  public interface Source {
    /** Takes everything in through {@code ingest} and says what it was. */
    List<LoadedImage> take(LayerIngest ingest) throws IOException;
  }

  /**
   * Adds images: runs {@code source} under a lease, then names what it brought. If it fails, what
   * it added is taken away again, unless somebody else has come to use it.
   *
   * @param what what is attempted, for messages: "load x.tar"
   */
  public List<StoredImage> add(String what, Source source) {
    return guarded(what, () -> intake.add(source));
  }

  /**
   * Does {@code removal}, which takes away what stands on an image's layers, and then removes what
   * is left of the image if it is listed no more: it was removed by force while it was used. Quick
   * while it is listed; not disturbed by an interruption. What it cannot remove of the image is
   * left to the next {@link #recover}.
   *
   * @param imageId empty where nobody knows which image it was
   */
  public void release(Optional<Digest> imageId, Runnable removal) {
    release.release(imageId, removal);
  }

  /**
   * Removes every blob and unpacked layer that no image, no lease and no container needs.
   *
   * @return how many bytes that freed
   */
  public long collect() {
    return collector.collect();
  }

  /** Measures what images take. */
  public ImageSizes sizes() {
    return new ImageSizes(content, unpacker, reader);
  }

  /** Removes what killed processes were bringing in. Quick when there is nothing. */
  public ContentStore.Collection recover() {
    return collector.recover();
  }
}
