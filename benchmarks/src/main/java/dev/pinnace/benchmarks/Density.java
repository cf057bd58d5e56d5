package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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

  @Option(
      names = "--podman",
      paramLabel = "N",
      description = "how many of podman, where that is installed (default: ${DEFAULT-VALUE})")
  private int podman = 100;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Density()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost(Peers.PROGRAMS).id().toString();
      ContainerSpec spec =
          ContainerSpec.image(image).command("sleep", "infinity").autoRemove().build();
      List<Container> alive = new ArrayList<>();
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        alive.add(engine.containers().start(spec));
      }
      report(count, "containers started", begin);
      memory("supervisors", SupervisorMemory.ofChildren());
      long end = System.nanoTime();
      alive.forEach(container -> container.stop(Duration.ZERO));
      report(count, "containers ended", end);
      if (podman > 0) {
        besidePodman(scratch, engine, image);
      }
    }
    return 0;
  }

  private void besidePodman(Scratch scratch, Pinnace engine, String image)
      throws IOException, InterruptedException {
    Optional<Peers.Idle> peer = Peers.idle(scratch, engine, image);
    if (peer.isEmpty()) {
      System.out.println("podman is not installed, or does not work here");
      return;
    }
    try (Peers.Idle idle = peer.get()) {
      long begin = System.nanoTime();
      for (int i = 0; i < podman; i++) {
        idle.start().run();
      }
      report(podman, "containers of podman started", begin);
      memory("conmons", SupervisorMemory.called("conmon"));
      long end = System.nanoTime();
      idle.end().run();
      report(podman, "containers of podman ended and removed", end);
    }
  }

  private static void report(int count, String what, long since) {
    double seconds = (System.nanoTime() - since) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d %s one after another in %.2f s, %.2f ms each%n",
        count,
        what,
        seconds,
        seconds * 1000 / count);
  }

  private static void memory(String what, List<SupervisorMemory> supervisors) {
    System.out.printf(
        Locale.ROOT,
        "%d %s wait, each with (median) %d KiB resident, %d KiB of it its own%n",
        supervisors.size(),
        what,
        median(supervisors.stream().mapToLong(SupervisorMemory::resident).sorted().toArray()),
        median(supervisors.stream().mapToLong(SupervisorMemory::own).sorted().toArray()));
  }

  private static long median(long[] sorted) {
    return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
  }
}
