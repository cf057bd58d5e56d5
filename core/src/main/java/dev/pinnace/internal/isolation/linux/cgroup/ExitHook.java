package dev.pinnace.internal.isolation.linux.cgroup;

/** What a JVM does before it ends, by itself or by a signal; not when it is killed. */
final class ExitHook implements AutoCloseable {
  private final Thread thread;

  private ExitHook(Thread thread) {
    this.thread = thread;
  }

  /** Nothing is done where the JVM is ending already. */
  static ExitHook of(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    try {
      Runtime.getRuntime().addShutdownHook(thread);
    } catch (IllegalStateException ending) {
      return new ExitHook(thread);
    }
    return new ExitHook(thread);
  }

  /** It is done no more; of no effect while it is being done. */
  @Override
  public void close() {
    try {
      boolean unused = Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException ending) {
      return;
    }
  }
}
