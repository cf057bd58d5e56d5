package dev.pinnace.internal.content;

import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Keeps digests from being collected while something that refers to them is under way: blobs and
 * chain IDs of unpacked layers alike. It is a locked file with one digest per line; when the
 * process dies the lock goes, and with it the pins. Thread-safe.
 *
 * <p>Pin first, then look whether the blob is there: a collection that ran before has taken it
 * away, one that runs later sees the pin. Publish what refers to the blobs before closing.
 */
public final class Lease implements AutoCloseable {
  static final String SUFFIX = ".lease";

  /** Lines of the file that are no digests. */
  static final String RESUMABLE = "resumable ";

  static final String WRONG = "wrong";

  private final ContentStore store;
  private final String name;
  private final LockFile lock;
  private final AtomicInteger partials = new AtomicInteger();
  private final Set<Digest> pinned = new HashSet<>();

  private Lease(ContentStore store, String name, LockFile lock) {
    this.store = store;
    this.name = name;
    this.lock = lock;
  }

  static Lease begin(ContentStore store, Set<Digest> pins) {
    try (LockFile noCollection = store.lockCollection(LockFile.Mode.SHARED)) {
      String name = ContentStore.randomName();
      Lease lease = new Lease(store, name, Locks.exclusive(store.leases(), name + SUFFIX));
      try {
        lease.write(pins);
      } catch (RuntimeException full) {
        lease.close();
        throw full;
      }
      noCollection.unlock();
      FaultPoints.reached("lease begun");
      return lease;
    }
  }

  private void write(Set<Digest> pins) {
    StringBuilder lines = new StringBuilder();
    pins.forEach(pin -> lines.append(pin).append('\n'));
    line(lines.toString());
    pinned.addAll(pins);
  }

  private void line(String text) {
    lock.fd().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * Says that a blob is worth keeping if this is abandoned: it is taken from the store and left as
   * if it were still being received, so that a transfer can be resumed.
   */
  public synchronized void resumable(Digest digest) {
    line(RESUMABLE + digest + "\n");
  }

  /** Says that none is: what was transferred is wrong. */
  public synchronized void wrong() {
    line(WRONG + "\n");
  }

  /** Whether the process that began the lease of that file still works; for collections. */
  static boolean isAlive(Path directory, String fileName) {
    try (Dir dir = Dir.open(directory)) {
      Optional<LockFile> lock = LockFile.find(dir, fileName);
      try (LockFile probe = lock.orElse(null)) {
        return probe != null && probe.isHeldByOthers();
      }
    }
  }

  /** Keeps {@code digest}, of a blob or a layer's chain ID, until this closes. */
  public void pin(Digest digest) {
    pin(Set.of(digest));
  }

  /** Keeps all of them. */
  public synchronized void pin(Set<Digest> digests) {
    if (pinned.containsAll(digests)) {
      return;
    }
    try (LockFile noCollection = store.lockCollection(LockFile.Mode.SHARED)) {
      write(digests);
      noCollection.unlock();
    }
  }

  /**
   * Begins a blob.
   *
   * @param what how messages call it
   */
  public Ingest ingest(String what) throws IOException {
    return new Ingest(store, this, partialFile(), what);
  }

  /** A name for a scratch file that is removed with this lease's other leavings. */
  public Path partialFile() {
    return store.ingestDirectory().resolve(name + "-" + partials.incrementAndGet());
  }

  /**
   * Ends the lease as its process's death would: {@link ContentStore#recover} will take back what
   * it pinned, as far as nothing refers to it.
   */
  public synchronized void abandon() {
    lock.close();
  }

  /** Ends the lease. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (lock.fd().isOpen()) {
      try {
        Files.deleteIfExists(store.leases().resolve(name + SUFFIX));
      } catch (IOException failure) {
        throw new UncheckedIOException("cannot end the lease " + name, failure);
      } finally {
        lock.close();
      }
      FaultPoints.reached("lease ended");
    }
  }
}
