package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;

/**
 * Closes the engine of a call that follows something, which most often ends by a signal. It owns no
 * container, so that none ends with it.
 */
final class ExitHook implements AutoCloseable {
  private final Thread thread;
  private volatile boolean ending;

  private ExitHook(Pinnace pinnace) {
    this.thread = new Thread(() -> close(pinnace), "pinnace-exit");
  }

  static ExitHook of(Pinnace pinnace) {
    ExitHook hook = new ExitHook(pinnace);
    Runtime.getRuntime().addShutdownHook(hook.thread);
    return hook;
  }

  private void close(Pinnace pinnace) {
    ending = true;
    pinnace.close();
  }

  /** Whether the JVM is ending: what fails meanwhile fails because of that. */
  boolean isEnding() {
    return ending;
  }

  @Override
  public void close() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException ending) {
      return; // it is at work
    }
  }
}
