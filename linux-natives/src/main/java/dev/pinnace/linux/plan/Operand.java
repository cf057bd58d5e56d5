package dev.pinnace.linux.plan;

/**
 * An argument of a step: a number, a register, or a place in the plan's constant blob or its
 * writable scratch.
 */
public sealed interface Operand permits Register, Operand.Immediate, Operand.Blob, Operand.Scratch {
  /** How the printed plan shows it. */
  String render();

  /** A number, shown as {@code label}. */
  record Immediate(long value, String label) implements Operand {
    @Override
    public String render() {
      return label;
    }
  }

  /** {@code extent} constant bytes at {@code offset} of the blob, shown as {@code label}. */
  record Blob(int offset, int extent, String label) implements Operand {
    @Override
    public String render() {
      return label;
    }
  }

  /** {@code extent} writable bytes at {@code offset} of the scratch, shown as {@code label}. */
  record Scratch(int offset, int extent, String label) implements Operand {
    /** Part of it, {@code from} bytes in. */
    public Scratch at(int from, int length) {
      if (from < 0 || length < 0 || length > extent - from) {
        throw new IllegalArgumentException(
            from + "+" + length + " is outside of " + label + " of " + extent + " bytes");
      }
      return new Scratch(offset + from, length, label + "+" + from);
    }

    @Override
    public String render() {
      return "&" + label;
    }
  }

  /** A plain number. */
  static Operand of(long value) {
    return new Immediate(value, Long.toString(value));
  }

  /** A number that is read in octal: a mode. */
  static Operand mode(int mode) {
    return new Immediate(mode, "0" + Integer.toOctalString(mode));
  }

  /** A null pointer. */
  static Operand none() {
    return new Immediate(0, "NULL");
  }

  /** Flags of a header, or-ed together; none is 0. */
  static Operand flags(Named... flags) {
    long value = 0;
    StringBuilder label = new StringBuilder();
    for (Named flag : flags) {
      value |= flag.value();
      label.append(label.isEmpty() ? "" : "|").append(flag.name());
    }
    return new Immediate(value, label.isEmpty() ? "0" : label.toString());
  }
}
