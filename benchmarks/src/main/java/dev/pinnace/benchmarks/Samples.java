package dev.pinnace.benchmarks;

import java.util.Arrays;

/** Durations of one contender in nanoseconds. Not thread-safe. */
final class Samples {
  private long[] nanos = new long[64];
  private int count;

  void add(long duration) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = duration;
  }

  int count() {
    return count;
  }

  /**
   * The smallest duration that is not below {@code share} of all, in milliseconds.
   *
   * @param share between 0 and 1
   */
  double quantile(double share) {
    if (count == 0) {
      throw new IllegalStateException("nothing was measured");
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * count);
    return sorted[Math.max(0, rank - 1)] / 1e6;
  }
}
