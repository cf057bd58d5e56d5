package dev.pinnace.linux.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * A classic BPF program over {@code struct seccomp_data}: an immutable list of {@code struct
 * sock_filter} ({@code linux/filter.h}), each with a word for a reader.
 *
 * @param instructions at least one, at most {@link #MAX_INSTRUCTIONS}
 */
public record BpfProgram(List<Instruction> instructions) {
  /** {@code BPF_MAXINSNS}: the kernel takes no more. */
  public static final int MAX_INSTRUCTIONS = 4096;

  /** Bytes of one encoded instruction. */
  public static final int INSTRUCTION_BYTES = 8;

  /** {@code BPF_LD | BPF_W | BPF_ABS}: load the word at offset k. */
  static final int LOAD = 0x20;

  /** {@code BPF_JMP | BPF_JA}: skip k instructions. */
  static final int JUMP = 0x05;

  /** {@code BPF_JMP | BPF_JEQ | BPF_K}. */
  static final int JUMP_EQ = 0x15;

  /** {@code BPF_JMP | BPF_JGE | BPF_K}, unsigned. */
  static final int JUMP_GE = 0x35;

  /** {@code BPF_JMP | BPF_JSET | BPF_K}: any common bit. */
  static final int JUMP_SET = 0x45;

  /** {@code BPF_ALU | BPF_AND | BPF_K}. */
  static final int AND = 0x54;

  /** {@code BPF_RET | BPF_K}. */
  static final int RETURN = 0x06;

  /**
   * One {@code struct sock_filter}.
   *
   * @param code operation
   * @param jt instructions to skip when the comparison holds
   * @param jf instructions to skip when it does not
   * @param k operand
   * @param note what a listing says of it; empty for nothing
   */
  public record Instruction(int code, int jt, int jf, int k, String note) {}

  /**
   * @throws IllegalArgumentException when the kernel would refuse the length
   */
  public BpfProgram {
    instructions = List.copyOf(instructions);
    if (instructions.isEmpty() || instructions.size() > MAX_INSTRUCTIONS) {
      throw new IllegalArgumentException(
          "a filter of "
              + instructions.size()
              + " instructions: the kernel takes 1 to "
              + MAX_INSTRUCTIONS
              + "; use fewer rules with argument conditions");
    }
  }

  /** The array of {@code struct sock_filter}, little-endian as both architectures are. */
  public byte[] encode() {
    ByteBuffer out =
        ByteBuffer.allocate(instructions.size() * INSTRUCTION_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction instruction : instructions) {
      out.putShort((short) instruction.code())
          .put((byte) instruction.jt())
          .put((byte) instruction.jf())
          .putInt(instruction.k());
    }
    return out.array();
  }

  /** The program for a reader, one instruction a line, jump targets as line numbers. */
  public String listing() {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < instructions.size(); at++) {
      Instruction instruction = instructions.get(at);
      String line = String.format(Locale.ROOT, "%4d  %s", at, text(at, instruction));
      text.append(
          instruction.note().isEmpty()
              ? line
              : String.format(Locale.ROOT, "%-44s ; %s", line, instruction.note()));
      text.append('\n');
    }
    return text.toString();
  }

  private static String text(int at, Instruction of) {
    int yes = at + 1 + of.jt();
    int no = at + 1 + of.jf();
    return switch (of.code()) {
      case LOAD -> "ld   [" + of.k() + "]";
      case AND -> String.format(Locale.ROOT, "and  0x%x", of.k());
      case JUMP -> "ja   " + (at + 1 + of.k());
      case JUMP_EQ -> comparison("jeq", of.k(), yes, no);
      case JUMP_GE -> comparison("jge", of.k(), yes, no);
      case JUMP_SET -> comparison("jset", of.k(), yes, no);
      case RETURN -> "ret  " + new SeccompAction(of.k());
      default -> String.format(Locale.ROOT, "0x%02x 0x%x", of.code(), of.k());
    };
  }

  private static String comparison(String name, int k, int yes, int no) {
    String operand = k >= 0 && k < 4096 ? Integer.toString(k) : "0x" + Integer.toHexString(k);
    return String.format(Locale.ROOT, "%-4s %s ? %d : %d", name, operand, yes, no);
  }
}
