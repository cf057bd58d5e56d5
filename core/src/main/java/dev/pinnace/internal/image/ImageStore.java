package dev.pinnace.internal.image;

import static dev.pinnace.internal.image.Guard.guarded;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Unsynced;
import dev.pinnace.internal.image.host.HostImage;
import dev.pinnace.internal.image.host.HostImageSource;
import dev.pinnace.internal.image.layout.ArchiveLoader;
import dev.pinnace.internal.image.layout.LoadedImage;
import dev.pinnace.internal.image.pull.ImagePull;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Digest;
import dev.pinnace.spec.ImageReference;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of an engine's root: an OCI image layout under {@code content/}, names in its {@code
 * index.json}, layers unpacked by a {@link LayerUnpacker}. Thread-safe, and shared with other
 * processes that open the same root. Every failure is a {@link PinnaceException}; it leaves the
 * store as it was.
 */
public final class ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(ImageStore.class);
  private static final int ATTEMPTS = 3;
  private static final Duration OLDEST_PARTIAL = Duration.ofDays(1);

  private final ContentStore content;
  private final LayerUnpacker unpacker;
  private final ImageReader reader;
  private volatile FoundImages found;
  private final Supplier<Set<Digest>> inUse;

  private ImageStore(ContentStore content, LayerUnpacker unpacker, Supplier<Set<Digest>> inUse) {
    this.content = content;
    this.unpacker = unpacker;
    this.inUse = inUse;
    this.reader = new ImageReader(content);
    this.found = new FoundImages(new byte[0], content.indexFile());
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
    return guarded(
        "list images",
        () -> {
          List<ListedImage> all = new ArrayList<>();
          for (Map.Entry<Descriptor, List<ImageReference>> entry : names().images().entrySet()) {
            all.add(reader.list(entry.getKey(), entry.getValue()));
          }
          return List.copyOf(all);
        });
  }

  /**
   * The length of the files of its layers; of a layer that has no record of that, as it is stored.
   */
  public long size(StoredImage image) {
    List<Digest> chain = image.config().chainIds();
    List<Descriptor> layers = image.manifest().layers();
    long sum = 0;
    for (int i = 0; i < chain.size(); i++) {
      sum += unpacker.size(chain.get(i)).orElse(layers.get(i).size());
    }
    return sum;
  }

  private NameTable names() throws IOException {
    return names(content.readIndex());
  }

  private NameTable names(byte[] index) {
    return NameTable.read(index, content.indexFile());
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
    return guarded(
            "look up image " + nameOrId, () -> new ImageLookup(names(), reader).find(nameOrId))
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
              "keep image " + nameOrId,
              () -> content.lease(image.topLayer().map(Set::of).orElse(Set.of())));
      // Between the two it may have been removed; then it is asked for again.
      boolean unpacked = image.topLayer().map(unpacker::has).orElse(true);
      if (attempt == ATTEMPTS || unpacked) {
        return Optional.of(new Leased(image, lease, unpacked));
      }
      lease.close();
    }
  }

  /** As {@link #get}, empty when there is none. */
  public Optional<StoredImage> find(String nameOrId) {
    return guarded("look up image " + nameOrId, () -> found(nameOrId));
  }

  private Optional<StoredImage> found(String nameOrId) throws IOException {
    return foundNow().find(nameOrId, reader);
  }

  private FoundImages foundNow() throws IOException {
    byte[] index = content.readIndex();
    FoundImages known = found;
    if (!known.areIn(index)) {
      known = new FoundImages(index, content.indexFile());
      found = known;
    }
    return known;
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
    ListedImage image = entry(nameOrId);
    Optional<ImageReference> name = ImageLookup.nameOf(nameOrId, image);
    if (name.isPresent()) {
      updateWithout(image, nameOrId, names -> names.withoutName(name.get()));
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
    updateWithout(image, nameOrId, names -> names.withoutImage(image.target().digest()));
    return new Removal(image.names(), Optional.of(image.id()));
  }

  /**
   * What a removal did.
   *
   * @param untagged the names that are gone
   * @param deleted the image's id, if it is gone too
   */
  public record Removal(List<ImageReference> untagged, Optional<Digest> deleted) {}

  /**
   * Removes an image with all its names, if they are still those that were listed.
   *
   * @return whether it was so
   */
  public boolean removeUnchanged(ListedImage image) {
    AtomicBoolean unchanged = new AtomicBoolean();
    updateWithout(
        image,
        image.id().toString(),
        names -> {
          unchanged.set(image.names().equals(names.images().get(image.target())));
          return unchanged.get() ? names.withoutImage(image.target().digest()) : names;
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
      update("remove " + nameOrId, change);
      lease.abandon();
    } finally {
      lease.close();
    }
  }

  private void update(String what, UnaryOperator<NameTable> change) {
    guarded(
        what,
        () -> {
          content.updateIndex(bytes -> change.apply(names(bytes)).write());
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

  /** The same from a stream, which is read to its end and not closed. */
  public List<StoredImage> load(InputStream archive) {
    return add(
        "load the stream", ingest -> new ArchiveLoader(ingest, Platform.host()).load(archive));
  }

  /** Makes an image of programs of this host; quick while none of their files has changed. */
  public StoredImage fromHost(HostImage wanted) {
    HostImageSource source = new HostImageSource(content, wanted);
    return add(
            "make image " + wanted.name() + " of this host",
            ingest -> List.of(new LoadedImage(source.take(ingest), List.of(wanted.name()))))
        .get(0);
  }

  /**
   * Brings an image in from elsewhere and gives it a name. A pull that is interrupted, killed or
   * cut off leaves what it received for the next one; one that received something wrong leaves
   * nothing.
   */
  public StoredImage pull(ImagePull pull, ImageReference name) {
    return guarded("pull " + name.familiar(), () -> pulled(pull, List.of(name)));
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
            pulled(
                ImagePull.fromHere(image.target(), image.config().platform(), threads), List.of()));
  }

  private StoredImage pulled(ImagePull pull, List<ImageReference> name) throws IOException {
    try (Lease lease = content.lease();
        Unsynced marks = content.unsynced()) {
      LayerIngest ingest = new LayerIngest(content, unpacker, lease, false);
      LoadedImage image = take(ignored -> List.of(named(pull, name, ingest, marks)), lease).get(0);
      return reader.read(image.target(), image.names());
    }
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
   * Removes what an earlier boot of the host may not have brought to the disk: blobs that are not
   * what their names say, and layers, which are unpacked again from their blobs when they are
   * needed.
   */
  private void judge(Set<Digest> suspects) {
    guarded(
        "look at what was pulled before the host ended",
        () -> {
          for (Digest suspect : suspects) {
            content.removeIfDamaged(suspect);
          }
          return unpacker.removeAll(suspects);
        });
  }

  private LoadedImage named(
      ImagePull pull, List<ImageReference> names, LayerIngest ingest, Unsynced marks)
      throws IOException {
    try {
      pull.run(content, unpacker, ingest, marks);
      return new LoadedImage(pull.target(), names);
    } catch (CorruptException | InvalidSpecException | UnsupportedException wrong) {
      ingest.lease().wrong();
      throw wrong;
    }
  }

  /** Removes what pulls received that did not end and were not taken up again. */
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
    return guarded(what, () -> addGuarded(source));
  }

  private List<StoredImage> addGuarded(Source source) throws IOException {
    try (Lease lease = content.lease()) {
      List<LoadedImage> images = take(source, lease);
      List<StoredImage> stored = new ArrayList<>();
      for (LoadedImage image : images) {
        stored.add(reader.read(image.target(), image.names()));
      }
      return List.copyOf(stored);
    }
  }

  private List<LoadedImage> take(Source source, Lease lease) throws IOException {
    try {
      List<LoadedImage> images = source.take(new LayerIngest(content, unpacker, lease));
      if (Thread.currentThread().isInterrupted()) {
        throw new CancelledException("interrupted: nothing was added");
      }
      content.updateIndex(bytes -> withNames(names(bytes), images).write());
      return images;
    } catch (IOException | RuntimeException | Error failure) {
      takeBack(lease, failure);
      throw failure;
    }
  }

  /** What fails or is interrupted leaves no more than what is killed and recovered. */
  private void takeBack(Lease lease, Throwable failure) {
    try {
      lease.abandon();
      Waits.undisturbed(this::recover);
    } catch (RuntimeException second) {
      failure.addSuppressed(second);
    }
  }

  private static NameTable withNames(NameTable before, List<LoadedImage> images) {
    NameTable names = before;
    for (LoadedImage image : images) {
      names = names.withImage(image.target()).withNames(image.names(), image.target());
    }
    return names;
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
          && guarded("look up image " + imageId.get(), () -> foundNow().has(imageId.get(), reader));
    } catch (PinnaceException e) {
      LOG.warn("what is left of image {} stays, should it have been removed", imageId.get(), e);
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
      collect();
    } catch (PinnaceException e) {
      LOG.warn("layers of a removed image are left to the next engine on this root", e);
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

  /**
   * Removes every blob and unpacked layer that no image, no lease and no container needs.
   *
   * @return how many bytes that freed
   */
  public long collect() {
    AtomicLong layers = new AtomicLong();
    ContentStore.Collection blobs =
        guarded(
            "collect unused images",
            () ->
                content.collect((pinned, unneeded) -> sweep(pinned, unneeded, layers::addAndGet)));
    content.reserve().take();
    return blobs.bytes() + layers.get();
  }

  /** Measures what images take. */
  public ImageSizes sizes() {
    return new ImageSizes(content, unpacker, reader);
  }

  /** Removes what killed processes were bringing in. Quick when there is nothing. */
  public ContentStore.Collection recover() {
    return guarded(
        "remove unfinished images",
        () -> {
          content.removePartials(OLDEST_PARTIAL);
          content.suspects(this::judge);
          return content.recover(this::sweep);
        });
  }

  private Set<Digest> sweep(Set<Digest> pinned, Predicate<Digest> candidates) {
    return sweep(pinned, candidates, freed -> {});
  }

  /** Removes unneeded layers among {@code candidates} and answers what is needed. */
  private Set<Digest> sweep(Set<Digest> pinned, Predicate<Digest> candidates, LongConsumer freed) {
    Set<Digest> needed = new HashSet<>(inUse.get());
    try {
      for (Descriptor target : names().images().keySet()) {
        reader.reach(target, needed);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Set<Digest> unwanted =
        unpacker.list().stream().filter(candidates).collect(Collectors.toCollection(HashSet::new));
    unwanted.removeAll(needed);
    unwanted.removeAll(pinned);
    freed.accept(unpacker.removeAll(unwanted));
    return needed;
  }
}
