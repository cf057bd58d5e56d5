package dev.pinnace.linux.seccomp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a program from its end to its beginning, so that every jump target is known when the jump
 * is written. A label is the position of an instruction counted from the end. Conditional jumps
 * reach 255 instructions: a return that is farther away is written once more nearby, anything else
 * is reached through an unconditional jump.
 */
final class BpfAssembler {
  private static final int REACH = 255;

  private final List<BpfProgram.Instruction> reversed = new ArrayList<>();
  private final Map<Integer, Integer> returns = new HashMap<>();

  /** A return of the value that a jump written next reaches. */
  int ret(int value) {
    Integer label = returns.get(value);
    return label != null && reaches(label) ? label : writeReturn(value);
  }

  /** Compares the accumulator with k; nothing is written when both ways lead to one place. */
  int jump(int code, int k, int whenTrue, int whenFalse, String note) {
    if (whenTrue == whenFalse) {
      return whenTrue;
    }
    int yes = whenTrue;
    int no = whenFalse;
    while (!reaches(yes) || !reaches(no)) {
      if (!reaches(yes)) {
        yes = relay(yes);
      }
      if (!reaches(no)) {
        no = relay(no);
      }
    }
    return write(code, distance(yes), distance(no), k, note);
  }

  /** Loads the word at an offset of {@code struct seccomp_data}, then goes on at the label. */
  int load(int offset, int next, String note) {
    adjoin(next);
    return write(BpfProgram.LOAD, 0, 0, offset, note);
  }

  /** Masks the accumulator, then goes on at the label. */
  int and(int mask, int next, String note) {
    adjoin(next);
    return write(BpfProgram.AND, 0, 0, mask, note);
  }

  /** The program, which begins at the label. */
  BpfProgram program(int start) {
    adjoin(start);
    List<BpfProgram.Instruction> forward = new ArrayList<>(reversed);
    Collections.reverse(forward);
    return new BpfProgram(forward);
  }

  private void adjoin(int next) {
    if (next != reversed.size() - 1) {
      relay(next);
    }
  }

  private int relay(int target) {
    BpfProgram.Instruction at = reversed.get(target);
    return at.code() == BpfProgram.RETURN
        ? writeReturn(at.k())
        : write(BpfProgram.JUMP, 0, 0, distance(target), "");
  }

  private int writeReturn(int value) {
    int label = write(BpfProgram.RETURN, 0, 0, value, "");
    returns.put(value, label);
    return label;
  }

  private boolean reaches(int label) {
    return distance(label) <= REACH;
  }

  /** Instructions between the one to be written next and the label. */
  private int distance(int label) {
    return reversed.size() - 1 - label;
  }

  private int write(int code, int jt, int jf, int k, String note) {
    reversed.add(new BpfProgram.Instruction(code, jt, jf, k, note));
    return reversed.size() - 1;
  }
}
