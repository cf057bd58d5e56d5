package dev.pinnace.internal.image.transfer;

import dev.pinnace.internal.layer.LayerResult;
import dev.pinnace.spec.Digest;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log what of a layer is not in the files that were unpacked from it. */
final class LayerLosses {
  private static final Logger LOG = LoggerFactory.getLogger(LayerLosses.class);
  private static final int SHOWN = 3;

  private LayerLosses() {}

  /** One line for a layer that lost something, none for others. */
  static void warn(Digest chainId, LayerResult result) {
    List<String> losses = result.warnings();
    if (!losses.isEmpty()) {
      LOG.warn(
          "layer {} was unpacked with losses ({}{}): {}{}",
          chainId,
          losses.size(),
          losses.size() < LayerResult.MOST_WARNINGS ? "" : " or more",
          String.join("; ", losses.subList(0, Math.min(SHOWN, losses.size()))),
          losses.size() > SHOWN ? "; ..." : "");
    }
  }
}
