package dev.pinnace.spec;

import java.nio.charset.StandardCharsets;

/** What came of {@link dev.pinnace.Containers#run}. Immutable. */
public final class RunResult {
  private final ExitStatus status;
  private final byte[] stdout;
  private final byte[] stderr;
  private final Bytes dropped;

  public RunResult(ExitStatus status, byte[] stdout, byte[] stderr, Bytes dropped) {
    this.status = status;
    this.stdout = stdout.clone();
    this.stderr = stderr.clone();
    this.dropped = dropped;
  }

  /** How it ended, and what it used. */
  public ExitStatus status() {
    return status;
  }

  /** Its exit code. */
  public int exitCode() {
    return status.code();
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

  /** How much output was beyond the limit and not kept. */
  public Bytes dropped() {
    return dropped;
  }

  private String cutShort() {
    if (status.timedOut()) {
      return " (killed at its time limit)";
    }
    return status.outputExceeded() ? " (ended at the limit of its output)" : "";
  }

  @Override
  public String toString() {
    return "exit code "
        + status.code()
        + cutShort()
        + ", "
        + stdout.length
        + " bytes of output, "
        + stderr.length
        + " bytes of errors"
        + (dropped.count() == 0 ? "" : ", " + dropped.count() + " bytes dropped");
  }
}
