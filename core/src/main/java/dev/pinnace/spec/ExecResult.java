package dev.pinnace.spec;

import java.nio.charset.StandardCharsets;

/** What came of a program that was executed in a running container. Immutable. */
public final class ExecResult {
  private final int exitCode;
  private final byte[] stdout;
  private final byte[] stderr;
  private final Bytes dropped;
  private final boolean timedOut;

  public ExecResult(int exitCode, byte[] stdout, byte[] stderr, Bytes dropped, boolean timedOut) {
    this.exitCode = exitCode;
    this.stdout = stdout.clone();
    this.stderr = stderr.clone();
    this.dropped = dropped;
    this.timedOut = timedOut;
  }

  /** Its exit code, or 128 and the signal that ended it: 137 at its time limit. */
  public int exitCode() {
    return exitCode;
  }

  /** Its standard output as UTF-8 text. */
  public String stdout() {
    return new String(stdout, StandardCharsets.UTF_8);
  }

  /** Its standard error as UTF-8 text. */
  public String stderr() {
    return new String(stderr, StandardCharsets.UTF_8);
  }

  /** Its standard output. */
  public byte[] stdoutBytes() {
    return stdout.clone();
  }

  /** Its standard error. */
  public byte[] stderrBytes() {
    return stderr.clone();
  }

  /** How much output was beyond {@link ExecSpec#outputLimit} and not kept. */
  public Bytes dropped() {
    return dropped;
  }

  /** Whether it, or its output, had not ended at {@link ExecSpec#timeout}: then it was killed. */
  public boolean timedOut() {
    return timedOut;
  }

  @Override
  public String toString() {
    return "exit code "
        + exitCode
        + (timedOut ? " (killed at its time limit), " : ", ")
        + stdout.length
        + " bytes of output, "
        + stderr.length
        + " bytes of errors"
        + (dropped.count() == 0 ? "" : ", " + dropped.count() + " bytes dropped");
  }
}
