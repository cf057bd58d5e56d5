package dev.pinnace.internal.image.transfer;

import dev.pinnace.oci.Descriptor;
import dev.pinnace.spec.Platform;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Chooses among the manifests of an index. */
public final class PlatformChoice {
  private PlatformChoice() {}

  /**
   * The best manifest for a platform: the exact variant first, else the newest one that still runs,
   * the first of equals. Entries without a platform fit where nothing else does.
   */
  public static Optional<Descriptor> best(Collection<Descriptor> manifests, Platform platform) {
    Descriptor best = null;
    int bestRank = 0;
    for (Descriptor manifest : manifests) {
      int rank = manifest.platform().map(candidate -> rank(platform, candidate)).orElse(1);
      if (rank > bestRank) {
        best = manifest;
        bestRank = rank;
      }
    }
    return Optional.ofNullable(best);
  }

  private static int rank(Platform wanted, Platform candidate) {
    if (!wanted.runs(candidate)) {
      return 0;
    }
    if (candidate.variant().equals(wanted.variant())) {
      return Integer.MAX_VALUE;
    }
    String digits = candidate.variant().replaceAll("[^0-9]", "");
    return 2 + (digits.isEmpty() || digits.length() > 4 ? 0 : Integer.parseInt(digits));
  }

  /** The platforms of an index for a message. */
  public static String describe(List<Descriptor> manifests) {
    String all =
        manifests.stream()
            .flatMap(manifest -> manifest.platform().stream())
            .map(Platform::toString)
            .filter(name -> !name.startsWith("unknown/"))
            .distinct()
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "none" : all;
  }
}
