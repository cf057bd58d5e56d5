package dev.pinnace.internal.isolation.linux.plan;

/**
 * A seccomp filter as seccomp(2) takes it.
 *
 * @param code an array of {@code struct sock_filter}, eight bytes each
 * @param flags SECCOMP_FILTER_FLAG_*
 * @param letsProcessesBegin whether it is known to permit clone(2), setsid(2) and prctl(2)
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record FilterProgram(byte[] code, int flags, boolean letsProcessesBegin) {
  /** How many instructions there are. */
  int length() {
    return code.length / 8;
  }
}
