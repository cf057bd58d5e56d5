package dev.pinnace.linux.plan;

import dev.pinnace.linux.Kernel;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the format of docs/formats.md, <i>Launch plan</i>. */
final class PlanEncoder {
  static final int MAGIC = 0x4C504E50;
  static final int VERSION = 1;
  static final int HEADER = 64;
  static final int LIMIT = 4096 * 1024;
  static final int MOST_STEPS = 8192;
  static final int LARGEST_SCRATCH = 16 * 1024;
  static final int MOST_CANDIDATES = 1024;
  static final int MOST_STRINGS = 16 * 1024;
  static final int NO_REGISTER = 255;

  private PlanEncoder() {}

  /** Refuses what the launcher would refuse for its size. */
  static void checkSize(Map<Section, List<Step>> sections, byte[] blob, byte[] scratch) {
    int steps = sections.values().stream().mapToInt(List::size).sum();
    checkSize(steps, "steps", MOST_STEPS);
    checkSize(scratch.length, "bytes that are written to", LARGEST_SCRATCH);
    int total = HEADER + SupervisorPolicy.SIZE + steps * Step.SIZE + blob.length + scratch.length;
    checkSize(total, "bytes", LIMIT);
  }

  private static void checkSize(int has, String what, int most) {
    if (has > most) {
      throw new PlanTooLargeException(
          String.format(
              Locale.ROOT, "the launch plan has %,d %s, at most %,d are allowed", has, what, most));
    }
  }

  /** Refuses more places of a program, or more arguments and variables, than one step may have. */
  static void checkProgram(int candidates, int strings) {
    checkSize(strings, "arguments and variables", MOST_STRINGS);
    if (candidates > MOST_CANDIDATES) {
      throw new PlanTooLargeException(
          String.format(
              Locale.ROOT,
              "the program is to be sought in %,d directories, at most %,d are allowed",
              candidates,
              MOST_CANDIDATES),
          "shorten PATH, or name the program with its directory");
    }
  }

  static byte[] encode(
      Map<Section, List<Step>> sections,
      byte[] blob,
      byte[] scratch,
      SupervisorPolicy policy,
      long buildId) {
    checkSize(sections, blob, scratch);
    int steps = sections.values().stream().mapToInt(List::size).sum();
    int blobAt = HEADER + SupervisorPolicy.SIZE + steps * Step.SIZE;
    int total = blobAt + blob.length + scratch.length;
    ByteBuffer out = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(MAGIC)
        .putShort((short) VERSION)
        .putShort((short) Kernel.architecture().elfMachine())
        .putLong(buildId);
    out.putLong(0)
        .putInt(total)
        .putInt(steps)
        .putInt(blobAt)
        .putInt(blob.length)
        .putInt(blobAt + blob.length)
        .putInt(scratch.length);
    int first = 0;
    for (Section section : Section.values()) {
      out.putShort((short) first);
      first += sections.getOrDefault(section, List.of()).size();
    }
    out.putShort((short) first).putShort((short) 0);
    policy.encode(out);
    for (Section section : Section.values()) {
      sections.getOrDefault(section, List.of()).forEach(step -> encode(step, out));
    }
    out.put(blob).put(scratch);
    out.putLong(16, Checksum.of(out.array(), 24, total));
    return out.array();
  }

  private static void encode(Step step, ByteBuffer out) {
    int start = out.position();
    Sys call = step.call();
    int number = call == null ? 0 : call.number();
    out.put((byte) step.operation().number());
    out.put((byte) (step.guard() == null ? 0 : step.whenVoid() ? 2 : 1));
    out.put((byte) (step.guard() == null ? 0 : step.guard().number()));
    out.put((byte) (step.to() == null ? NO_REGISTER : step.to().number()));
    out.putShort((short) number);
    for (int i = 0; i < step.tolerated().size(); i++) {
      out.putShort(start + 8 + 2 * i, step.tolerated().get(i).shortValue());
    }
    for (int i = 0; i < step.operands().size(); i++) {
      Operand operand = step.operands().get(i);
      out.put(start + 16 + i, (byte) kind(operand));
      out.putLong(start + 24 + 8 * i, value(operand));
    }
    out.position(start + Step.SIZE);
  }

  private static int kind(Operand operand) {
    if (operand instanceof Operand.Immediate) {
      return 0;
    } else if (operand instanceof Operand.Blob) {
      return 1;
    } else if (operand instanceof Operand.Scratch) {
      return 2;
    }
    return 3;
  }

  private static long value(Operand operand) {
    if (operand instanceof Operand.Immediate immediate) {
      return immediate.value();
    } else if (operand instanceof Operand.Blob blob) {
      return place(blob.offset(), blob.extent());
    } else if (operand instanceof Operand.Scratch scratch) {
      return place(scratch.offset(), scratch.extent());
    }
    return ((Register) operand).number();
  }

  private static long place(int offset, int extent) {
    return (long) extent << 32 | offset;
  }
}
