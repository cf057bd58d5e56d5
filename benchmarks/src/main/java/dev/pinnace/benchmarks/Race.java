package dev.pinnace.benchmarks;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures contenders in turn, A B C A B C and so on, so that whatever slows the machine down for a
 * while slows all of them. Between two of them is a pause, so that what one does in the background
 * does not slow the next.
 */
final class Race {
  private static final long PAUSE_MILLIS = 10;

  private final List<Contender> contenders;
  private final int warmUps;
  private final int runs;

  Race(List<Contender> contenders, int warmUps, int runs) {
    this.contenders = List.copyOf(contenders);
    this.warmUps = warmUps;
    this.runs = runs;
  }

  /** The durations by contender, in the order of the contenders. */
  Map<String, Samples> run() throws IOException, InterruptedException {
    Map<String, Samples> results = new LinkedHashMap<>();
    for (Contender contender : contenders) {
      for (int i = 0; i < warmUps; i++) {
        contender.run();
        contender.settle();
      }
      results.put(contender.name(), new Samples());
    }
    for (int i = 0; i < runs; i++) {
      for (Contender contender : contenders) {
        long begin = System.nanoTime();
        contender.run();
        long end = System.nanoTime();
        results.computeIfAbsent(contender.name(), name -> new Samples()).add(end - begin);
        contender.settle();
        Thread.sleep(PAUSE_MILLIS);
      }
    }
    return results;
  }
}
