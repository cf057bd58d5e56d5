package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A line of the list of images.
 *
 * @param id digest of the configuration; of a damaged image the digest of its manifest or index
 * @param digest of what its names point at, its manifest or the index that it came with: by this
 *     registries know it
 * @param references its names
 * @param created when it was made, if it says so
 * @param labels its labels; none of a damaged image
 * @param size of the files of its layers, as {@link dev.pinnace.Image#size} has it; 0 of a damaged
 *     image
 * @param damage why the image cannot be used, if its documents are damaged: load or pull it again,
 *     or remove it
 */
public record ImageSummary(
    Digest id,
    Digest digest,
    List<String> references,
    Optional<Instant> created,
    Map<String, String> labels,
    Bytes size,
    Optional<String> damage) {
  public ImageSummary {
    references = List.copyOf(references);
    labels = Map.copyOf(labels);
  }
}
