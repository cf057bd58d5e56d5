package dev.pinnace.internal.isolation.linux;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.RuntimeProcess;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What execve(2) takes of arguments and environment, <i>Limits on size</i> there. */
final class ProgramText {
  /** A quarter of the usual limit of 8 MiB for the stack. */
  private static final long LONGEST = 2 * 1024 * 1024;

  /** MAX_ARG_STRLEN, the NUL included. */
  private static final int LONGEST_ONE = 128 * 1024;

  /** docs/formats.md, <i>Launch plan</i>, EXEC. */
  private static final int MOST = 16_384;

  private static final int POINTER = 8;

  private ProgramText() {}

  /** Refuses what no program could be given, wherever it comes from: images have it too. */
  static void check(RuntimeProcess process) {
    if (process.args().size() + process.env().size() > MOST) {
      throw new InvalidSpecException(
          "a program gets at most " + MOST + " arguments and environment variables together");
    }
    long size = size("an argument", process.args()) + size("a variable", process.env());
    if (size > LONGEST) {
      throw new InvalidSpecException(
          "arguments and environment together have "
              + size
              + " bytes, of which the kernel takes "
              + LONGEST
              + ": pass a file instead");
    }
  }

  private static long size(String what, List<String> texts) {
    long sum = 0;
    for (String text : texts) {
      int size = text.getBytes(StandardCharsets.UTF_8).length + 1;
      if (text.indexOf('\0') >= 0) {
        throw new InvalidSpecException(what + " holds a NUL, which no program can receive");
      }
      if (size > LONGEST_ONE) {
        throw new InvalidSpecException(
            what
                + " has "
                + size
                + " bytes, of which the kernel takes "
                + LONGEST_ONE
                + ": pass a file instead");
      }
      sum += size + POINTER;
    }
    return sum;
  }
}
