package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Containers per second, from several threads at once, each running one after the other. */
@CommandLine.Command(
    name = "throughput",
    description = "Containers per second from several threads.",
    mixinStandardHelpOptions = true)
final class Throughput implements Callable<Integer> {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "how many (default: ${DEFAULT-VALUE})")
  private int threads = 2;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "measured runs of each thread (default: ${DEFAULT-VALUE})")
  private int runs = 500;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Throughput()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost("true").id().toString();
      ContainerSpec spec = ContainerSpec.image(image).command("true").build();
      measure(engine, spec, Math.min(runs, 100));
      double seconds = measure(engine, spec, runs);
      System.out.printf(
          Locale.ROOT,
          "%d threads ran %d containers in %.2f s: %.0f a second%n",
          threads,
          threads * runs,
          seconds,
          threads * runs / seconds);
    }
    return 0;
  }

  private double measure(Pinnace engine, ContainerSpec spec, int each) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      long begin = System.nanoTime();
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(pool.submit(() -> repeat(engine, spec, each)));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      return (System.nanoTime() - begin) / 1e9;
    } finally {
      pool.shutdownNow();
    }
  }

  private static void repeat(Pinnace engine, ContainerSpec spec, int each) {
    for (int i = 0; i < each; i++) {
      Check.exitCode(engine.containers().run(spec).exitCode(), "true");
    }
  }
}
