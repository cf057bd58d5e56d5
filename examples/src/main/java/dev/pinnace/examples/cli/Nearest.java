package dev.pinnace.examples.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody meant who mistyped a word. */
final class Nearest {
  /** A slip for every so many letters, rounded up, still tells what was meant. */
  private static final int LETTERS_PER_SLIP = 4;

  private Nearest() {}

  /**
   * The candidate that the fewest slips make of {@code word}, one that begins with it before
   * others; empty if all need too many.
   */
  static Optional<String> of(String word, Collection<String> candidates) {
    int most = (word.length() + LETTERS_PER_SLIP - 1) / LETTERS_PER_SLIP;
    Optional<String> best = Optional.empty();
    Comparator<String> order = Comparator.comparing(candidate -> !candidate.startsWith(word));
    for (String candidate :
        candidates.stream().sorted(order.thenComparing(name -> name)).toList()) {
      int slips = slips(word, candidate);
      if (slips <= most && slips < candidate.length()) {
        best = Optional.of(candidate);
        most = slips - 1;
      }
    }
    return best;
  }

  /** Letters too few, too many, wrong, or swapped with their neighbour (Damerau, Levenshtein). */
  private static int slips(String one, String other) {
    int[][] slips = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          slips[i][j] = i + j;
          continue;
        }
        int wrong = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        slips[i][j] =
            Math.min(slips[i - 1][j - 1] + wrong, Math.min(slips[i - 1][j], slips[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && one.charAt(i - 1) == other.charAt(j - 2)
                && one.charAt(i - 2) == other.charAt(j - 1);
        if (swapped) {
          slips[i][j] = Math.min(slips[i][j], slips[i - 2][j - 2] + 1);
        }
      }
    }
    return slips[one.length()][other.length()];
  }
}
