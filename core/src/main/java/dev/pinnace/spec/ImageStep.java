package dev.pinnace.spec;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One step of how an image was made.
 *
 * @param id the image's id, at the step that made the image; empty for all before it
 * @param references the image's names, likewise
 * @param created when, if the image says so
 * @param createdBy the command
 * @param size of its layer, as {@link dev.pinnace.Image#size} counts; 0 for a step that made none
 * @param comment free text
 */
public record ImageStep(
    Optional<Digest> id,
    List<String> references,
    Optional<Instant> created,
    String createdBy,
    Bytes size,
    String comment) {
  public ImageStep {
    references = List.copyOf(references);
  }
}
