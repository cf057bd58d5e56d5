package dev.pinnace.internal.image.transfer;

import com.google.common.base.Throwables;
import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.content.GzipOutput;
import dev.pinnace.internal.content.Ingest;
import dev.pinnace.internal.content.Lease;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.oci.MediaTypes;
import dev.pinnace.spec.Digest;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Makes a layer of a tar that is written here. Its name is the digest of the tar, so the tar goes
 * into a scratch file first; then it is compressed by one thread while another unpacks it, and
 * nothing is decompressed. For one thread.
 */
final class LayerMaking {
  private static final int BUFFER = 1 << 18;

  private final LayerUnpacker unpacker;
  private final Lease lease;

  LayerMaking(LayerUnpacker unpacker, Lease lease) {
    this.unpacker = unpacker;
    this.lease = lease;
  }

  Optional<MadeLayer> make(String what, Optional<Digest> parent, LayerIngest.Writing writing)
      throws IOException {
    Path scratch = lease.partialFile();
    try {
      Optional<Digest> written = write(scratch, writing);
      if (written.isEmpty()) {
        return Optional.empty();
      }
      Digest diffId = written.get();
      Digest chainId = ImageConfig.chainId(parent, diffId);
      lease.pin(chainId);
      try (Ingest blob = lease.ingest(what);
          Compressing compressing = new Compressing(scratch, blob)) {
        if (!unpacker.has(chainId)) {
          try (InputStream tar = Files.newInputStream(scratch)) {
            unpacker.unpack(chainId, parent, tar);
          }
        }
        compressing.await();
        blob.commit();
        Descriptor descriptor = new Descriptor(MediaTypes.LAYER_GZIP, blob.digest(), blob.size());
        return Optional.of(new MadeLayer(descriptor, diffId, chainId));
      }
    } finally {
      Files.deleteIfExists(scratch);
    }
  }

  private static Optional<Digest> write(Path scratch, LayerIngest.Writing writing)
      throws IOException {
    Sha256 sha256 = new Sha256();
    OutputStream file =
        new FilterOutputStream(
            Files.newOutputStream(
                scratch, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          @Override
          public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            sha256.update(bytes, from, length);
          }
        };
    try (OutputStream buffered = new BufferedOutputStream(file, BUFFER)) {
      if (!writing.to(buffered)) {
        return Optional.empty();
      }
    }
    return Optional.of(sha256.finish());
  }

  /** The thread that compresses. Closing ends it, and returns when it has ended. */
  private static final class Compressing implements AutoCloseable {
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();
    private final FileChannel tar;
    private final Thread thread;

    Compressing(Path scratch, Ingest blob) throws IOException {
      tar = FileChannel.open(scratch, StandardOpenOption.READ);
      thread = new Thread(() -> compress(blob), "pinnace-compress-" + scratch.getFileName());
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
    }

    private void compress(Ingest blob) {
      try (GzipOutput gzip = new GzipOutput(new BufferedOutputStream(blob, BUFFER))) {
        InputStream in = Channels.newInputStream(tar);
        byte[] buffer = new byte[BUFFER];
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
          gzip.write(buffer, 0, got);
        }
        gzip.close();
        done.complete(true);
      } catch (IOException | RuntimeException | Error failure) {
        done.completeExceptionally(failure);
      }
    }

    void await() throws IOException {
      try {
        done.get();
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new CancelledException("interrupted while compressing a layer", interruption);
      } catch (ExecutionException failure) {
        Throwable cause = Objects.requireNonNull(failure.getCause());
        Throwables.throwIfInstanceOf(cause, IOException.class);
        Throwables.throwIfUnchecked(cause);
        throw new IllegalStateException("nothing else is thrown there", failure);
      }
    }

    @Override
    public void close() throws IOException {
      tar.close();
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
