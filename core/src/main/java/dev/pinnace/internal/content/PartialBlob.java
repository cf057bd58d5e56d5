package dev.pinnace.internal.content;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A blob that is being received under its digest, {@code ingest/HEX.partial}. One transfer holds it
 * at a time, in whichever JVM. What a transfer that did not end has received stays for the next
 * one, which {@linkplain #received reads} it first. For one thread at a time.
 */
public final class PartialBlob implements AutoCloseable {
  static final String SUFFIX = ".partial";

  private final ContentStore store;
  private final Digest digest;
  private final NamedLock lock;
  private FileChannel file;
  private Sha256 sha256 = new Sha256();
  private long size;
  private @Nullable Digest finished;
  private boolean gone;

  private PartialBlob(ContentStore store, Digest digest, NamedLock lock) throws IOException {
    this.store = store;
    this.digest = digest;
    this.lock = lock;
    this.file = open(lock);
  }

  private static FileChannel open(NamedLock lock) throws IOException {
    return FileChannel.open(lock.path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Begins or goes on with one, after whoever else is receiving it. */
  static PartialBlob take(ContentStore store, Digest digest) throws IOException {
    NamedLock lock = NamedLock.take(store.ingestDirectory(), digest.hex() + SUFFIX);
    try {
      return new PartialBlob(store, digest, lock);
    } catch (IOException | RuntimeException | Error failure) {
      lock.close();
      throw failure;
    }
  }

  /** How many bytes are here that were not taken in yet. */
  public long left() throws IOException {
    return file.size() - size;
  }

  /** How many bytes were taken in. */
  public long size() {
    return size;
  }

  /** Takes in what an earlier transfer has left: the number of bytes, -1 when there is no more. */
  public int received(byte[] into, int from, int length) throws IOException {
    int got = file.read(ByteBuffer.wrap(into, from, length));
    if (got > 0) {
      take(into, from, got);
    }
    return got;
  }

  /** Takes in and keeps what has come. */
  public void write(byte[] bytes, int from, int length) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes, from, length);
    while (left.hasRemaining()) {
      file.write(left);
    }
    take(bytes, from, length);
    FaultPoints.reached("blob received");
  }

  private void take(byte[] bytes, int from, int length) {
    sha256.update(bytes, from, length);
    size += length;
  }

  /** Forgets everything that was received. An interrupted reader has closed the channel. */
  public void restart() throws IOException {
    file.close();
    file = open(lock);
    file.truncate(0);
    sha256 = new Sha256();
    size = 0;
    finished = null;
  }

  /** The digest of what was taken in. Nothing more can be taken in afterwards. */
  public Digest digest() {
    Digest known = finished;
    if (known == null) {
      known = sha256.finish();
      finished = known;
    }
    return known;
  }

  /** Whether what was taken in is the blob. */
  public boolean isWhole() {
    return digest().equals(digest);
  }

  /**
   * Makes the blob visible; a lease pins it, and {@link Unsynced} marks it: it need not be on the
   * disk.
   *
   * @throws CorruptException when it is not what its name says; then it is removed
   */
  public void commit() throws IOException {
    if (!isWhole()) {
      discard();
      throw new CorruptException("what came for blob " + digest + " has the digest " + digest());
    }
    FaultPoints.reached("written blob");
    Files.move(lock.path(), store.path(digest), StandardCopyOption.ATOMIC_MOVE);
    gone = true;
    FaultPoints.reached("renamed blob");
  }

  /** Removes what was received: it is wrong. */
  public void discard() {
    if (!gone) {
      gone = true;
      lock.remove();
    }
  }

  /** Lets others go on. What was received stays, unless there is nothing. */
  @Override
  public void close() throws IOException {
    FileChannel opened = file;
    try (lock;
        opened) {
      if (!gone && Files.size(lock.path()) == 0) {
        discard();
      }
    }
  }
}
