package dev.pinnace.internal.layer;

import dev.pinnace.spec.Digest;
import java.util.List;

/**
 * What applying a layer came to.
 *
 * @param diffId SHA-256 of the whole stream, what follows the end marker included
 * @param tarBytes length of the stream
 * @param contentBytes sum of the sizes of the files
 * @param entries number of entries
 * @param warnings what the file system could not hold, at most 100 sentences
 */
public record LayerResult(
    Digest diffId, long tarBytes, long contentBytes, int entries, List<String> warnings) {
  public LayerResult {
    warnings = List.copyOf(warnings);
  }
}
