package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Many containers alive at once: what a supervisor that waits costs, and how long all take. */
@CommandLine.Command(
    name = "density",
    description = "Many containers at once: time to start and end them, memory of supervisors.",
    mixinStandardHelpOptions = true)
final class Density implements Callable<Integer> {
  @Option(
      names = "--containers",
      paramLabel = "N",
      description = "how many (default: ${DEFAULT-VALUE})")
  private int count = 500;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Density()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost("sleep").id().toString();
      ContainerSpec spec =
          ContainerSpec.image(image).command("sleep", "infinity").autoRemove().build();
      List<Container> alive = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        alive.add(engine.containers().start(spec));
      }
      report("started", begin);
      memory();
      long end = System.nanoTime();
      alive.forEach(container -> container.stop(Duration.ZERO));
      report("ended", end);
    }
    return 0;
  }

  private void report(String what, long since) {
    double seconds = (System.nanoTime() - since) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d containers %s one after another in %.2f s, %.2f ms each%n",
        count,
        what,
        seconds,
        seconds * 1000 / count);
  }

  private static void memory() throws IOException {
    List<SupervisorMemory> supervisors = SupervisorMemory.ofChildren();
    System.out.printf(
        Locale.ROOT,
        "%d supervisors wait, each with (median) %d KiB resident, %d KiB of it its own%n",
        supervisors.size(),
        median(supervisors.stream().mapToLong(SupervisorMemory::resident).sorted().toArray()),
        median(supervisors.stream().mapToLong(SupervisorMemory::own).sorted().toArray()));
  }

  private static long median(long[] sorted) {
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
