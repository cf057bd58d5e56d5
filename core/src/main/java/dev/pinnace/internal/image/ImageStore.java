package dev.pinnace.internal.image;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.image.host.HostImage;
import dev.pinnace.internal.image.host.HostImageSource;
import dev.pinnace.internal.image.layout.ArchiveLoader;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The images of an engine's root: an OCI image layout under {@code content/}, names in its {@code
 * index.json}, layers unpacked by a {@link LayerUnpacker}. Thread-safe, and shared with other
 * processes that open the same root. Every failure is a {@link PinnaceException}; it leaves the
 * store as it was.
 */
public final class ImageStore {
  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private volatile FoundImages found = new FoundImages(new byte[0]);

  private ImageStore(ContentStore content, LayerUnpacker unpacker) {
    this.content = content;
    this.unpacker = unpacker;
    this.reader = new ImageReader(content);
  }

  /** Opens, and makes if need be, the store below {@code root}. */
  public static ImageStore open(Path root, LayerUnpacker unpacker) {
    return guarded(
        "open the image store below " + root,
        () -> new ImageStore(ContentStore.open(root), unpacker));
  }

  /** The blobs. */
  public ContentStore content() {
    return content;
  }

  /** All images, named or not, in the order in which they came. */
  public List<StoredImage> list() {
    return guarded(
        "list images",
        () -> {
          List<StoredImage> all = new ArrayList<>();
          for (Map.Entry<Descriptor, List<ImageReference>> entry : names().images().entrySet()) {
            all.add(reader.read(entry.getKey(), entry.getValue()));
          }
          return List.copyOf(all);
        });
  }

  private NameTable names() throws IOException {
    return NameTable.read(content.readIndex());
  }

  /**
   * An image by name, or by the beginning of its id.
   *
   * @throws NotFoundException when there is none
   * @throws InvalidSpecException when several ids begin so
   */
  public StoredImage get(String nameOrId) {
    return find(nameOrId)
        .orElseThrow(() -> new NotFoundException("there is no image \"" + nameOrId + "\" here"));
  }

  /** As {@link #get}, empty when there is none. */
  public Optional<StoredImage> find(String nameOrId) {
    return guarded("look up image " + nameOrId, () -> found(nameOrId));
  }

  private Optional<StoredImage> found(String nameOrId) throws IOException {
    byte[] index = content.readIndex();
    FoundImages known = found;
    if (!known.areIn(index)) {
      known = new FoundImages(index);
      found = known;
    }
    return known.find(nameOrId, reader);
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
    update(
        "tag " + nameOrId,
        names -> names.withImage(image.target()).withName(name.withDefaultTag(), image.target()));
    return get(name.withDefaultTag().toString());
  }

  /**
   * Takes a name from an image, and removes the image with its last one. By id, the image goes with
   * its name if it has at most one; with more, only when forced. The bytes go with the next {@link
   * #collect}.
   *
   * @throws NotFoundException when there is no such image
   * @throws ConflictException when an id has several names and {@code force} is off
   */
  public Removal remove(String nameOrId, boolean force) {
    StoredImage image = get(nameOrId);
    Optional<ImageReference> name = ImageLookup.nameOf(nameOrId, image);
    if (name.isPresent()) {
      update("remove " + nameOrId, names -> names.withoutName(name.get()));
      boolean last = image.names().size() == 1;
      return new Removal(List.of(name.get()), last ? Optional.of(image.id()) : Optional.empty());
    }
    if (image.names().size() > 1 && !force) {
      throw new ConflictException(
          "image "
              + image.id().shortHex()
              + " has several names ("
              + String.join(", ", image.names().stream().map(ImageReference::familiar).toList())
              + "): remove them one by one, or force it");
    }
    update("remove " + nameOrId, names -> names.withoutImage(image.target().digest()));
    return new Removal(image.names(), Optional.of(image.id()));
  }

  /**
   * What a removal did.
   *
   * @param untagged the names that are gone
   * @param deleted the image's id, if it is gone too
   */
  public record Removal(List<ImageReference> untagged, Optional<Digest> deleted) {}

  private void update(String what, UnaryOperator<NameTable> change) {
    guarded(
        what,
        () -> {
          content.updateIndex(bytes -> change.apply(NameTable.read(bytes)).write());
          return true;
        });
  }

  /** Loads every image of an archive, for this host's platform. */
  public List<StoredImage> load(Path archive) {
    return load(archive, Platform.host());
  }

  /**
   * Loads every image of an archive: what {@code docker save} writes, or an OCI layout; a directory
   * or a tar, compressed or not. Where the archive has an image for several platforms, the one for
   * {@code platform} is taken. Either all is loaded or nothing.
   *
   * @return the images, each with the names that the archive has for it
   */
  public List<StoredImage> load(Path archive, Platform platform) {
    return add("load " + archive, ingest -> new ArchiveLoader(ingest, platform).load(archive));
  }

  /**
   * Loads every image of an archive that has no name of its own, for this host's platform.
   *
   * @param copy where it lies for the time being
   * @param called by messages
   */
  public List<StoredImage> load(Path copy, String called) {
    return add(
        "load " + called, ingest -> new ArchiveLoader(ingest, Platform.host()).load(copy, called));
  }

  /** Makes an image of programs of this host; quick while none of their files has changed. */
  public StoredImage fromHost(HostImage wanted) {
    HostImageSource source = new HostImageSource(content, wanted);
    return add(
            "make image " + wanted.name() + " of this host",
            ingest -> List.of(new LoadedImage(source.take(ingest), List.of(wanted.name()))))
        .get(0);
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
    return guarded(what, () -> addGuarded(source));
  }

  private List<StoredImage> addGuarded(Source source) throws IOException {
    LayerIngest ingest = null;
    boolean added = false;
    try (Lease lease = content.lease()) {
      ingest = new LayerIngest(content, unpacker, lease);
      List<LoadedImage> images = source.take(ingest);
      content.updateIndex(bytes -> withNames(NameTable.read(bytes), images).write());
      added = true;
      List<StoredImage> stored = new ArrayList<>();
      for (LoadedImage image : images) {
        stored.add(reader.read(image.target(), image.names()));
      }
      return List.copyOf(stored);
    } finally {
      if (!added && ingest != null) {
        Set<Digest> leftovers = ingest.added();
        content.discard(leftovers, pinned -> sweepLayers(leftovers, pinned, Set.of()));
      }
    }
  }

  private static NameTable withNames(NameTable before, List<LoadedImage> images) {
    NameTable names = before;
    for (LoadedImage image : images) {
      names = names.withImage(image.target());
      for (ImageReference name : image.names()) {
        names = names.withName(name, image.target());
      }
    }
    return names;
  }

  /**
   * Removes every blob and unpacked layer that no image, no lease and nothing in {@code inUse}
   * needs.
   *
   * @param inUse chain IDs and blobs that containers need
   */
  public ContentStore.Collection collect(Set<Digest> inUse) {
    return guarded(
        "collect unused images",
        () -> content.collect(pinned -> sweepLayers(unpacker.list(), pinned, inUse)));
  }

  /** Removes unneeded ones of {@code candidates} and answers what is needed. */
  private Set<Digest> sweepLayers(Set<Digest> candidates, Set<Digest> pinned, Set<Digest> inUse) {
    Set<Digest> needed = new HashSet<>(inUse);
    try {
      for (Descriptor target : names().images().keySet()) {
        reader.reach(target, needed);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Set<Digest> unwanted = new HashSet<>(candidates);
    unwanted.retainAll(unpacker.list());
    unwanted.removeAll(needed);
    unwanted.removeAll(pinned);
    LayerSweep.remove(unpacker, unwanted);
    return needed;
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private static <T> T guarded(String what, Work<T> work) {
    try {
      return work.run();
    } catch (IOException | UncheckedIOException | ErrnoException failure) {
      throw new PinnaceException("cannot " + what + ": " + failure.getMessage(), failure);
    }
  }
}
