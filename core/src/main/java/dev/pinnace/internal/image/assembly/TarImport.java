package dev.pinnace.internal.image.assembly;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.build.instruction.ConfigChanges;
import dev.pinnace.internal.content.AnyCompression;
import dev.pinnace.internal.image.transfer.CountingStream;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.MadeLayer;
import dev.pinnace.internal.image.transfer.UnpackLimit;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageConfig;
import dev.pinnace.spec.ImportSpec;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An image of one layer, made of a tar: plain, or compressed with gzip, zstd, bzip2 or xz. However
 * it came, the same tar gives the same layer.
 */
public final class TarImport {
  private static final int BUFFER = 1 << 18;

  private final InputStream tar;
  private final String origin;
  private final ImportSpec spec;
  private final ExecutionConfig config;
  private final UnpackLimit.Source limits;

  /**
   * Prepares one.
   *
   * @param tar the files; it is read to its end and not closed
   * @param origin where it comes from, {@code -} for a stream; for messages and the history
   * @throws InvalidSpecException when a change is wrong
   */
  public TarImport(InputStream tar, String origin, ImportSpec spec) {
    this(tar, origin, spec, UnpackLimit::in);
  }

  TarImport(InputStream tar, String origin, ImportSpec spec, UnpackLimit.Source limits) {
    this.tar = tar;
    this.origin = origin;
    this.spec = spec;
    this.limits = limits;
    this.config = ConfigChanges.apply(ExecutionConfig.of(List.of(), List.of()), spec.changes());
  }

  /**
   * Takes the image in and answers its manifest.
   *
   * @throws InvalidSpecException when it unpacks to more than {@link UnpackLimit} lets it
   */
  public Descriptor take(LayerIngest ingest) throws IOException {
    String what = origin.equals("-") ? "the stream" : origin;
    UnpackLimit limit = limits.in(Objects.requireNonNull(ingest.lease().partialFile().getParent()));
    MadeLayer layer =
        ingest.make(what, Optional.empty(), out -> decompress(what, limit, out)).orElseThrow();
    Optional<Instant> now = Optional.of(Instant.now());
    return new NewImage(
            new ImageConfig(
                now,
                Optional.empty(),
                spec.platform().orElseGet(Platform::host),
                config,
                List.of(layer.diffId()),
                List.of(
                    new ImageConfig.History(
                        now, "", "", spec.message().orElse("Imported from " + origin), false))),
            List.of(layer.blob()),
            false)
        .store(ingest);
  }

  /** Answers that there is a layer. */
  private boolean decompress(String what, UnpackLimit limit, OutputStream out) throws IOException {
    CountingStream raw = new CountingStream(tar);
    try (InputStream in = AnyCompression.decompress(raw, what)) {
      byte[] buffer = new byte[BUFFER];
      long unpacked = 0;
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new CancelledException("interrupted while importing " + what);
        }
        unpacked += got;
        limit.check(raw.count(), unpacked, what);
        out.write(buffer, 0, got);
      }
      return true;
    }
  }
}
