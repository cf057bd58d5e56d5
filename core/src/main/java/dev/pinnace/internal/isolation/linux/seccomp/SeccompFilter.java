package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.linux.seccomp.BpfProgram;

/**
 * A compiled profile, ready for {@code seccomp(SECCOMP_SET_MODE_FILTER)}.
 *
 * @param program the instructions
 * @param flags SECCOMP_FILTER_FLAG_* for the same call
 */
public record SeccompFilter(BpfProgram program, int flags) {
  /** The array of {@code struct sock_filter}, 8 bytes each. */
  public byte[] bytes() {
    return program.encode();
  }

  /** How many instructions there are, {@code len} of {@code struct sock_fprog}. */
  public int length() {
    return program.instructions().size();
  }

  /** The program for a reader, one instruction a line. */
  public String listing() {
    return program.listing();
  }
}
