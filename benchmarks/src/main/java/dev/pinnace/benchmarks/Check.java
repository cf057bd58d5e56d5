package dev.pinnace.benchmarks;

/** Refuses measurements of something that did not work. */
final class Check {
  private Check() {}

  static void exitCode(int code, String what) {
    if (code != 0) {
      throw new IllegalStateException(what + " ended with exit code " + code);
    }
  }
}
