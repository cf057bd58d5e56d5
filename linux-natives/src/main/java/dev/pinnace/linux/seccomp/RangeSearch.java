package dev.pinnace.linux.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/**
 * Writes a binary search over the unsigned accumulator. Neighbours with one target are one range; a
 * range with up to two single values taken out of it is one leaf that compares for equality.
 *
 * @param <T> where a range leads; equal targets are one place
 */
final class RangeSearch<T> {
  /** The values from start to before the next range's start. */
  record Range<T>(int start, T target) {}

  private record Hole<T>(int value, T target) {}

  private record Leaf<T>(int start, T target, List<Hole<T>> holes) {}

  private static final int MOST_HOLES = 2;

  private final BpfAssembler assembler;
  private final ToIntFunction<T> label;
  private final IntFunction<String> note;

  /**
   * @param label writes a target, or finds the place where it was written
   * @param note what a listing says of a value that is compared
   */
  RangeSearch(BpfAssembler assembler, ToIntFunction<T> label, IntFunction<String> note) {
    this.assembler = assembler;
    this.label = label;
    this.note = note;
  }

  /** Writes the search; the first range starts at the least value that can get here. */
  int write(List<Range<T>> ranges) {
    List<Leaf<T>> leaves = leaves(merged(ranges));
    return write(leaves, 0, leaves.size());
  }

  private int write(List<Leaf<T>> leaves, int from, int to) {
    if (to - from == 1) {
      Leaf<T> leaf = leaves.get(from);
      int next = label.applyAsInt(leaf.target());
      for (int i = leaf.holes().size() - 1; i >= 0; i--) {
        Hole<T> hole = leaf.holes().get(i);
        int taken = label.applyAsInt(hole.target());
        next =
            assembler.jump(BpfProgram.JUMP_EQ, hole.value(), taken, next, note.apply(hole.value()));
      }
      return next;
    }
    int middle = (from + to) >>> 1;
    int right = write(leaves, middle, to);
    int left = write(leaves, from, middle);
    int start = leaves.get(middle).start();
    return assembler.jump(BpfProgram.JUMP_GE, start, right, left, note.apply(start));
  }

  private List<Range<T>> merged(List<Range<T>> ranges) {
    List<Range<T>> merged = new ArrayList<>();
    for (Range<T> range : ranges) {
      if (merged.isEmpty() || !merged.get(merged.size() - 1).target().equals(range.target())) {
        merged.add(range);
      }
    }
    return merged;
  }

  private List<Leaf<T>> leaves(List<Range<T>> ranges) {
    List<Leaf<T>> leaves = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      Range<T> base = ranges.get(i);
      List<Hole<T>> holes = new ArrayList<>();
      while (holes.size() < MOST_HOLES
          && i + 2 < ranges.size()
          && ranges.get(i + 2).start() == ranges.get(i + 1).start() + 1
          && ranges.get(i + 2).target().equals(base.target())) {
        holes.add(new Hole<>(ranges.get(i + 1).start(), ranges.get(i + 1).target()));
        i += 2;
      }
      leaves.add(new Leaf<>(base.start(), base.target(), List.copyOf(holes)));
    }
    return leaves;
  }
}
