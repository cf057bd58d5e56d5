package dev.pinnace.internal.layer;

import java.util.Arrays;

/**
 * The parts of a sparse file that are stored, in ascending order; the rest is holes. Checked when
 * made: the parts do not overlap and lie within the file.
 */
final class SparseMap {
  private final long[] offsets;
  private final long[] lengths;
  private final long stored;

  private SparseMap(long[] offsets, long[] lengths, long stored) {
    this.offsets = offsets;
    this.lengths = lengths;
    this.stored = stored;
  }

  /**
   * @param pairs offset and length, by turns
   * @param count how many elements of {@code pairs} there are
   * @throws IllegalArgumentException if the parts overlap, go backwards or leave the file
   */
  static SparseMap of(long[] pairs, int count, long fileSize) {
    if (count % 2 != 0) {
      throw new IllegalArgumentException("a sparse map has an offset without a length");
    }
    long[] offsets = new long[count / 2];
    long[] lengths = new long[count / 2];
    long end = 0;
    long stored = 0;
    for (int i = 0; i < count / 2; i++) {
      long offset = pairs[2 * i];
      long length = pairs[2 * i + 1];
      if (offset < end || length < 0 || length > fileSize || offset > fileSize - length) {
        throw new IllegalArgumentException(
            "a sparse map has " + length + " bytes at " + offset + " of " + fileSize);
      }
      offsets[i] = offset;
      lengths[i] = length;
      end = offset + length;
      stored += length;
    }
    return new SparseMap(offsets, lengths, stored);
  }

  int parts() {
    return offsets.length;
  }

  long offset(int part) {
    return offsets[part];
  }

  long length(int part) {
    return lengths[part];
  }

  /** Bytes that the archive holds of the file. */
  long stored() {
    return stored;
  }

  @Override
  public String toString() {
    return "at " + Arrays.toString(offsets) + " " + Arrays.toString(lengths);
  }
}
