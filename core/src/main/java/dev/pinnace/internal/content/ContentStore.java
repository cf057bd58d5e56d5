package dev.pinnace.internal.content;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * An OCI image layout on a disk (image-spec, <i>Image Layout</i>) that many threads and processes
 * share. A blob appears by rename after its digest was verified and its bytes are on the disk.
 */
public final class ContentStore {
  private static final String LAYOUT = "{\"imageLayoutVersion\":\"1.0.0\"}";
  private static final String EMPTY_INDEX =
      "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
          + "\"manifests\":[]}";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path content;
  private final Path blobs;
  private final Path ingest;
  private final Path leases;

  private ContentStore(Path content, Path leases) {
    this.content = content;
    this.blobs = content.resolve("blobs").resolve("sha256");
    this.ingest = content.resolve("ingest");
    this.leases = leases;
  }

  /** Opens, and makes if need be, {@code root/content} and {@code root/leases}. */
  public static ContentStore open(Path root) throws IOException {
    ContentStore store = new ContentStore(root.resolve("content"), root.resolve("leases"));
    Files.createDirectories(store.blobs);
    Files.createDirectories(store.ingest);
    Files.createDirectories(store.leases);
    Durable.sweep(store.content);
    Durable.sweep(store.remembered());
    if (!Files.exists(store.indexFile()) || !Files.exists(store.layoutFile())) {
      try (LockFile held = store.lockIndex()) {
        store.writeIfAbsent(store.layoutFile(), LAYOUT);
        store.writeIfAbsent(store.indexFile(), EMPTY_INDEX);
        held.unlock();
      }
    }
    store.reserve().take();
    return store;
  }

  private Path layoutFile() {
    return content.resolve("oci-layout");
  }

  /** What is given up to remove something from a full disk. */
  public Reserve reserve() {
    return new Reserve(content.resolve("reserve"));
  }

  /** Where {@code index.json} is. */
  public Path indexFile() {
    return content.resolve("index.json");
  }

  private void writeIfAbsent(Path file, String text) throws IOException {
    if (!Files.exists(file)) {
      Durable.write(file, text.getBytes(StandardCharsets.UTF_8), true);
    }
  }

  static String randomName() {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  private LockFile lockIndex() {
    return Locks.exclusive(content, "index.lock");
  }

  LockFile lockCollection(LockFile.Mode mode) {
    return Locks.take(leases, "gc.lock", mode);
  }

  Path leases() {
    return leases;
  }

  /** Where partial blobs are written. */
  public Path ingestDirectory() {
    return ingest;
  }

  /** Remembers what can be found out again, in a file of that name; it may vanish at any time. */
  public void remember(String name, String text) throws IOException {
    Path file = Files.createDirectories(remembered()).resolve(name);
    Durable.write(file, text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** What was remembered under that name, which may be damaged; empty when nothing was. */
  public Optional<String> recall(String name) throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(remembered().resolve(name));
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (NoSuchFileException nothing) {
      return Optional.empty();
    }
  }

  private Path remembered() {
    return content.resolve("remembered");
  }

  /** How many bytes have been written of blobs that are not published. */
  public long unfinished() throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(ingest)) {
      for (Path file : files) {
        bytes += sizeUnlessGone(file);
      }
    }
    return bytes;
  }

  static long sizeUnlessGone(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException published) {
      return 0;
    }
  }

  /** Where a blob is or would be. */
  public Path path(Digest digest) {
    return blobs.resolve(digest.hex());
  }

  /** Whether a blob is here. */
  public boolean has(Digest digest) {
    return Files.isRegularFile(path(digest));
  }

  /**
   * A blob's length in bytes.
   *
   * @throws NotFoundException when it is not here
   */
  public long size(Digest digest) throws IOException {
    try {
      return Files.size(path(digest));
    } catch (NoSuchFileException missing) {
      throw notHere(digest, missing);
    }
  }

  /**
   * A blob's bytes, not verified again.
   *
   * @throws NotFoundException when it is not here
   */
  public InputStream open(Digest digest) throws IOException {
    try {
      return Files.newInputStream(path(digest));
    } catch (NoSuchFileException | FileNotFoundException missing) {
      throw notHere(digest, missing);
    }
  }

  private static NotFoundException notHere(Digest digest, IOException cause) {
    return new NotFoundException("blob " + digest + " is not in the store", cause);
  }

  /**
   * A small blob as a whole, verified.
   *
   * @param limit the most bytes that are accepted
   * @throws CorruptException when it is longer than that, or no longer what its name says
   */
  public byte[] read(Digest digest, int limit) throws IOException {
    byte[] bytes;
    try (InputStream in = open(digest)) {
      bytes = in.readNBytes(limit + 1);
    }
    if (bytes.length > limit) {
      throw new CorruptException("blob " + digest + " is longer than " + limit + " bytes");
    }
    Digest actual = Sha256.of(bytes);
    if (!actual.equals(digest)) {
      throw new CorruptException(
          "blob "
              + digest
              + " in the store now has the digest "
              + actual
              + ": remove the image and load or pull it again");
    }
    return bytes;
  }

  /** The bytes of {@code index.json}. */
  public byte[] readIndex() throws IOException {
    return Files.readAllBytes(indexFile());
  }

  /** Replaces {@code index.json} by what {@code change} makes of it, alone among all processes. */
  public void updateIndex(UnaryOperator<byte[]> change) throws IOException {
    try (LockFile noCollection = lockCollection(LockFile.Mode.SHARED);
        LockFile held = lockIndex()) {
      byte[] before = readIndex();
      byte[] after = change.apply(before);
      if (!Arrays.equals(before, after)) {
        Durable.write(indexFile(), after, true);
      }
      held.unlock();
      noCollection.unlock();
    }
  }

  /**
   * Begins to receive a blob, or goes on where an earlier transfer ended, after whoever else is
   * receiving it. Then look first whether it {@linkplain #has has come}.
   *
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted while waiting
   */
  public PartialBlob receive(Digest digest) throws IOException {
    return PartialBlob.take(this, digest);
  }

  /** Removes what was received of a blob, unless somebody is receiving it. */
  public void forget(Digest digest) {
    NamedLock.takeFree(ingest, digest.hex() + PartialBlob.SUFFIX)
        .ifPresent(
            lock -> {
              try (lock) {
                lock.remove();
              }
            });
  }

  /**
   * Excludes others from bringing in the layer of that chain ID, in this JVM and others. Its holder
   * may wait for layers below that one, and for nothing else that waits.
   *
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted while waiting
   */
  public LayerTurn turn(Digest chainId) {
    return new LayerTurn(NamedLock.take(ingest, chainId.hex() + LayerTurn.SUFFIX));
  }

  /**
   * Removes what ended transfers have left and nobody goes on with.
   *
   * @param age how long nobody must have written to it
   */
  public Collection removePartials(Duration age) throws IOException {
    int removed = 0;
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(ingest)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(PartialBlob.SUFFIX) && !name.endsWith(LayerTurn.SUFFIX)) {
          continue;
        }
        try (NamedLock lock = NamedLock.takeFree(ingest, name).orElse(null)) {
          // One that is free and empty is what a look at the lock has made.
          if (lock != null && (Files.size(file) == 0 || isOlder(file, age))) {
            bytes += Files.size(file);
            removed++;
            lock.remove();
          }
        }
      }
    }
    return new Collection(removed, bytes);
  }

  private static boolean isOlder(Path file, Duration age) throws IOException {
    Instant written = Files.getLastModifiedTime(file).toInstant();
    return age.isZero() || !written.plus(age).isAfter(Instant.now());
  }

  /** Begins work that publishes before what it publishes is on the disk. */
  public Unsynced unsynced() {
    return new Unsynced(unsyncedDirectory());
  }

  private Path unsyncedDirectory() {
    return content.resolve("unsynced");
  }

  /**
   * Brings to the disk what was published without waiting for it. Quick when there is nothing.
   *
   * @param layers does that for unpacked layers
   */
  public void settle(Runnable layers) throws IOException {
    List<Path> ended = Unsynced.ended(unsyncedDirectory(), true);
    if (ended.isEmpty()) {
      return;
    }
    try (Dir dir = Dir.open(blobs)) {
      dir.syncFileSystem();
    }
    layers.run();
    for (Path file : ended) {
      Files.deleteIfExists(file);
    }
  }

  /**
   * What an earlier boot of the host published and perhaps did not bring to the disk before it
   * ended. Of several engines that open, the first judges and the others wait. Quick when there is
   * nothing.
   *
   * @param judge gets blobs and chain IDs, while nobody pins anything; afterwards they are no
   *     suspects any more
   */
  public void suspects(Consumer<Set<Digest>> judge) throws IOException {
    if (Unsynced.ended(unsyncedDirectory(), false).isEmpty()) {
      return;
    }
    try (LockFile alone = lockCollection(LockFile.Mode.EXCLUSIVE)) {
      judgeSuspects(judge);
      alone.unlock();
    }
  }

  private void judgeSuspects(Consumer<Set<Digest>> judge) throws IOException {
    List<Path> files = Unsynced.ended(unsyncedDirectory(), false);
    Set<Digest> suspects = new HashSet<>();
    for (Path file : files) {
      suspects.addAll(Unsynced.read(file));
    }
    judge.accept(suspects);
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }

  /** Removes a blob if its bytes are not what its name says: whether it did. */
  public boolean removeIfDamaged(Digest digest) throws IOException {
    if (!has(digest)) {
      return false;
    }
    Sha256 sha256 = new Sha256();
    try (InputStream in = open(digest)) {
      byte[] buffer = new byte[1 << 16];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        sha256.update(buffer, 0, got);
      }
    }
    boolean damaged = !sha256.finish().equals(digest);
    if (damaged) {
      Files.deleteIfExists(path(digest));
    }
    return damaged;
  }

  /** Begins work during which blobs must not be collected. */
  public Lease lease() {
    return lease(Set.of());
  }

  /** The same, with what is pinned from the beginning: blobs or chain IDs. */
  public Lease lease(Set<Digest> pins) {
    return Lease.begin(this, pins);
  }

  /** Says during a collection, while nobody pins anything, what must stay. */
  @FunctionalInterface
  public interface Keeper {
    /**
     * Answers which blobs must stay, and removes unpacked layers that need not. It is asked after
     * the leases were read, so that what was published meanwhile counts.
     *
     * @param pinned what living leases pin, which stays anyway
     * @param candidates what may be removed
     */
    Set<Digest> keep(Set<Digest> pinned, Predicate<Digest> candidates);
  }

  /**
   * Removes every blob that is neither kept nor pinned by a living lease, and what killed processes
   * left.
   */
  public Collection collect(Keeper keeper) throws IOException {
    return new Collector(this).all(keeper);
  }

  /**
   * Removes what processes were bringing in when they were killed, or work that was {@linkplain
   * Lease#abandon abandoned}. Quick when there is nothing.
   */
  public Collection recover(Keeper keeper) throws IOException {
    return Collector.isNeeded(this) ? new Collector(this).abandoned(keeper) : new Collection(0, 0);
  }

  /**
   * What a collection did.
   *
   * @param removed how many blobs it removed
   * @param bytes what that freed, and the removal of files that were being written
   */
  public record Collection(int removed, long bytes) {}

  Path blobsDirectory() {
    return blobs;
  }

  /** Writes {@code bytes} as a blob, pinned by {@code lease}; a damaged one is replaced. */
  public Digest put(Lease lease, byte[] bytes) throws IOException {
    return put(lease, bytes, true);
  }

  /**
   * The same.
   *
   * @param sync whether they are on the disk before the blob is visible
   */
  public Digest put(Lease lease, byte[] bytes, boolean sync) throws IOException {
    Digest digest = Sha256.of(bytes);
    lease.pin(digest);
    if (!holds(digest, bytes)) {
      try (Ingest writing = lease.ingest(digest.toString())) {
        writing.write(bytes);
        writing.commit(sync);
      }
    }
    return digest;
  }

  /** Begins to write small blobs that become visible together, pinned by {@code lease}. */
  public BlobBatch batch(Lease lease) {
    return new BlobBatch(this, lease);
  }

  /** Whether a blob is here with exactly these bytes. */
  boolean holds(Digest digest, byte[] bytes) throws IOException {
    try {
      return Files.size(path(digest)) == bytes.length
          && Arrays.equals(Files.readAllBytes(path(digest)), bytes);
    } catch (NoSuchFileException missing) {
      return false;
    }
  }
}
