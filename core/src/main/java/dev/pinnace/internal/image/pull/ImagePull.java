package dev.pinnace.internal.image.pull;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.ContentStore;
import dev.pinnace.internal.content.Unsynced;
import dev.pinnace.internal.image.transfer.BlobSource;
import dev.pinnace.internal.image.transfer.ImageImporter;
import dev.pinnace.internal.image.transfer.ImageLimit;
import dev.pinnace.internal.image.transfer.LayerIngest;
import dev.pinnace.internal.image.transfer.LayerUnpacker;
import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Platform;
import java.io.IOException;
import java.util.Optional;
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
 * @param exact whether an image that says it is for another platform is refused
 */
public record ImagePull(
    Descriptor target,
    Platform platform,
    BlobSource source,
    String origin,
    ProgressBoard board,
    Executor threads,
    int atATime,
    boolean exact) {
  /** One for a platform that nobody insists on. */
  public ImagePull(
      Descriptor target,
      Platform platform,
      BlobSource source,
      String origin,
      ProgressBoard board,
      Executor threads,
      int atATime) {
    this(target, platform, source, origin, board, threads, atATime, false);
  }

  /** An image of which every blob is in the store already. */
  public static ImagePull fromHere(Descriptor target, Platform platform, Executor threads) {
    BlobSource nowhere =
        blob -> {
          throw new NotFoundException(
              "blob " + blob.digest() + " is not in the store: pull or load the image again");
        };
    ProgressBoard board = ProgressBoard.open(Optional.empty(), threads);
    return new ImagePull(target, platform, nowhere, "the store", board, threads, 1);
  }

  /**
   * Brings everything in.
   *
   * @param marks are told what is published without waiting for the disk
   * @return the manifest's descriptor
   */
  public Descriptor run(
      ContentStore store, LayerUnpacker unpacker, LayerIngest ingest, Unsynced marks)
      throws IOException {
    HereFirst here = HereFirst.in(store, ingest.lease(), source);
    LayerPull.Context context =
        new LayerPull.Context(store, unpacker, source, threads, ImageLimit.usual());
    LayerPulls layers = new LayerPulls(context, ingest, board, origin, atATime);
    return new ImageImporter(
            here,
            ingest,
            (descriptors, places) -> {
              marks.add(layers.missing(here.fetched(), descriptors, places));
              layers.take(descriptors, places);
            },
            platform,
            exact,
            origin)
        .take(target);
  }
}
