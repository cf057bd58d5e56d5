package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A line of the list of images.
 *
 * @param id digest of the configuration
 * @param references its names
 * @param created when it was made, if it says so
 * @param size of its layers as they are stored, in bytes
 */
public record ImageSummary(
    Digest id, List<String> references, Optional<Instant> created, long size) {
  public ImageSummary {
    references = List.copyOf(references);
  }
}
