package dev.pinnace.linux.seccomp;

/**
 * A comparison of one argument of a call, unsigned. On an ABI that is not {@link Abi#wide()} the
 * argument is its low 32 bits.
 *
 * @param index which argument, 0 to 5
 * @param operator how it is compared
 * @param value what it is compared with; the mask for {@link Operator#MASKED_EQ}
 * @param valueTwo what the masked argument must equal, itself under the mask; else without meaning
 */
public record ArgumentCondition(int index, Operator operator, long value, long valueTwo) {
  /** The comparisons of libseccomp's {@code enum scmp_compare}. */
  public enum Operator {
    NE,
    LT,
    LE,
    EQ,
    GE,
    GT,
    MASKED_EQ
  }

  /**
   * @throws IllegalArgumentException unless the index is 0 to 5
   */
  public ArgumentCondition {
    if (index < 0 || index > 5) {
      throw new IllegalArgumentException("argument " + index + " is not within 0 to 5");
    }
  }

  /** Whether an argument, already cut to the width of its ABI, meets the condition. */
  public boolean matches(long argument) {
    int order = Long.compareUnsigned(argument, value);
    return switch (operator) {
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case EQ -> order == 0;
      case GE -> order >= 0;
      case GT -> order > 0;
      case MASKED_EQ -> (argument & value) == (valueTwo & value);
    };
  }

  @Override
  public String toString() {
    String argument = "arg" + index;
    return switch (operator) {
      case NE -> argument + " != " + hex(value);
      case LT -> argument + " < " + hex(value);
      case LE -> argument + " <= " + hex(value);
      case EQ -> argument + " == " + hex(value);
      case GE -> argument + " >= " + hex(value);
      case GT -> argument + " > " + hex(value);
      case MASKED_EQ -> argument + " & " + hex(value) + " == " + hex(valueTwo & value);
    };
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }
}
