package dev.pinnace.internal.layer;

import java.util.List;

/**
 * What applying a layer came to.
 *
 * @param tarBytes length of the stream, what follows the end marker included
 * @param contentBytes sum of the sizes of the files
 * @param entries number of entries
 * @param warnings what the file system could not hold, at most {@link #MOST_WARNINGS} sentences
 */
public record LayerResult(long tarBytes, long contentBytes, int entries, List<String> warnings) {
  /** How many sentences are kept: 100. */
  public static final int MOST_WARNINGS = 100;

  public LayerResult {
    warnings = List.copyOf(warnings);
  }
}
