package dev.pinnace.internal.content;

import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Small blobs that become visible together, in the order in which they were put: the disk is waited
 * for once, and not for each. Closed without {@link #publish}, those that are not visible yet leave
 * nothing. Thread-safe.
 */
public final class BlobBatch implements AutoCloseable {
  /** More are published by themselves; they are pinned, and nothing refers to them yet. */
  private static final int MOST = 1000;

  /** So few are brought to the disk one by one, and more by syncing the file system. */
  private static final int FEW = 8;

  private final ContentStore store;
  private final Lease lease;
  private final Map<Digest, Path> written = new LinkedHashMap<>();

  BlobBatch(ContentStore store, Lease lease) {
    this.store = store;
    this.lease = lease;
  }

  /** Adds a blob, pinned by the lease; one that is there and damaged will be replaced. */
  public synchronized Digest put(byte[] bytes) throws IOException {
    Digest digest = Sha256.of(bytes);
    lease.pin(digest);
    if (written.containsKey(digest) || store.holds(digest, bytes)) {
      return digest;
    }
    Path partial = lease.partialFile();
    try {
      Files.write(partial, bytes, StandardOpenOption.CREATE_NEW);
    } catch (IOException failure) {
      Files.deleteIfExists(partial);
      throw failure;
    }
    written.put(digest, partial);
    if (written.size() == MOST) {
      publish();
    }
    return digest;
  }

  /** Makes all that were put visible; they are on the disk when this returns. */
  public synchronized void publish() throws IOException {
    if (written.isEmpty()) {
      return;
    }
    sync();
    for (Map.Entry<Digest, Path> blob : written.entrySet()) {
      Durable.publish(blob.getValue(), store.path(blob.getKey()), "blob", false);
    }
    written.clear();
    try (Dir blobs = Dir.open(store.blobsDirectory())) {
      blobs.sync();
    }
  }

  private void sync() throws IOException {
    if (written.size() > FEW) {
      try (Dir ingest = Dir.open(store.ingestDirectory())) {
        ingest.syncFileSystem();
      }
      return;
    }
    for (Path partial : written.values()) {
      try (FileChannel file = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        file.force(true);
      }
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (Path partial : written.values()) {
      Files.deleteIfExists(partial);
    }
    written.clear();
  }
}
