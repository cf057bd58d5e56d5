package dev.pinnace.internal.image.pull;

import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.concurrent.Executor;

/**
 * One pull: what is to be brought in, and with what.
 *
 * @param target a manifest, or an index that has one for {@code platform}
 * @param platform what the image is to run on
 * @param source where documents and layers come from
 * @param origin how messages call that
 * @param board where progress is written down
 * @param threads what layers are brought in by
 * @param atATime how many of them are under way at most
 */
public record ImagePull(
    Descriptor target,
    Platform platform,
    BlobSource source,
    String origin,
    ProgressBoard board,
    Executor threads,
    int atATime) {

  /**
   * Brings everything in.
   *
   * @return the manifest's descriptor
   */
  public Descriptor run(ContentStore store, LayerUnpacker unpacker, LayerIngest ingest)
      throws IOException {
    BlobSource here = new HereFirst(store, ingest.lease(), source);
    LayerPull.Context context =
        new LayerPull.Context(store, unpacker, source, threads, atATime, true);
    return new ImageImporter(
            here, ingest, new LayerPulls(context, ingest, board, origin), platform, origin)
        .take(target);
  }
}
