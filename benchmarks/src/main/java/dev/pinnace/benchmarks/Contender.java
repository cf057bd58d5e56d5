package dev.pinnace.benchmarks;

import java.io.IOException;

/** Something that is measured: it does the same piece of work again and again. */
interface Contender {
  /** As it is called in the table. */
  String name();

  /** Does the work once; a failure is an exception, never a fast sample. */
  void run() throws IOException, InterruptedException;

  /** Puts in order what a run has left; not measured. */
  default void settle() throws IOException, InterruptedException {}

  static Contender of(String name, Work work) {
    return of(name, work, () -> {});
  }

  static Contender of(String name, Work work, Work settle) {
    return new Contender() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void run() throws IOException, InterruptedException {
        work.once();
      }

      @Override
      public void settle() throws IOException, InterruptedException {
        settle.once();
      }
    };
  }

  /** One piece of work. */
  @FunctionalInterface
  interface Work {
    void once() throws IOException, InterruptedException;
  }
}
