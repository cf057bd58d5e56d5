package dev.pinnace.spec;

import java.nio.charset.StandardCharsets;

/** What came of a program that was executed in a running container. Immutable. */
public final class ExecResult {
  private final int exitCode;
  private final byte[] stdout;
  private final byte[] stderr;

  public ExecResult(int exitCode, byte[] stdout, byte[] stderr) {
    this.exitCode = exitCode;
    this.stdout = stdout.clone();
    this.stderr = stderr.clone();
  }

  /** Its exit code, or 128 and the signal that ended it. */
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

  @Override
  public String toString() {
    return "exit code " + exitCode;
  }
}
