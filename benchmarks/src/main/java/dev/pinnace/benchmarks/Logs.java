package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A container that prints a lot, with its log kept in three files of 10 MiB. */
@CommandLine.Command(
    name = "logs",
    description = "How long a container takes that prints a lot, beside other programs and a pipe.",
    mixinStandardHelpOptions = true)
final class Logs implements Callable<Integer> {
  private static final String PIPE = "(a pipe)";
  private static final String LINE = "x".repeat(99);
  private static final long LOOK = 20;

  @Mixin private final Choices choices = new Choices();

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "how much it prints (default: ${DEFAULT-VALUE})")
  private long size = 1024;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Logs()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    choices.defaultTo(3, 1);
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost(Peers.PROGRAMS).id().toString();
      List<String> program = List.of("sh", "-c", "yes " + LINE + " | head -c " + size + "M");
      List<Contender> all = new ArrayList<>();
      AtomicLong resident = new AtomicLong();
      all.addAll(ours(engine, image, program, resident));
      all.add(
          new Command(
              PIPE, List.of("sh", "-c", String.join(" ", program.get(2), "| cat >/dev/null"))));
      try (Peers peers = Peers.logs(scratch, engine, image, choices::wants, program)) {
        all.addAll(peers.working());
        var results = choices.race(all).run();
        System.out.print(Table.of(results, PIPE));
        results.forEach((name, samples) -> System.out.println(speed(name, samples)));
        peers.missing().forEach(System.out::println);
      }
      System.out.println("a supervisor had at most " + resident + " KiB resident");
    }
    return 0;
  }

  private String speed(String name, Samples samples) {
    return String.format(
        Locale.ROOT, "%-28s %6.0f MiB/s", name, size / (samples.quantile(0.5) / 1000));
  }

  private List<Contender> ours(
      Pinnace engine, String image, List<String> program, AtomicLong resident) {
    ContainerSpec spec = ContainerSpec.image(image).command(program.toArray(String[]::new)).build();
    Deque<Container> kept = new ArrayDeque<>();
    return List.of(
        Contender.of(
            "pinnace, logged",
            () -> {
              kept.add(engine.containers().start(spec));
              watch(kept.getLast(), resident);
            },
            () -> kept.remove().remove(true)),
        Contender.of(
            "pinnace, handed on, too",
            () -> {
              AtomicLong bytes = new AtomicLong();
              kept.add(engine.containers().create(spec));
              Check.exitCode(
                  kept.getLast()
                      .startAttached(
                          new byte[0], piece -> bytes.addAndGet(piece.length), piece -> {})
                      .code(),
                  "printing");
              if (bytes.get() != size << 20) {
                throw new IllegalStateException("only " + bytes + " bytes were handed on");
              }
            },
            () -> kept.remove().remove(true)));
  }

  private static void watch(Container container, AtomicLong resident)
      throws IOException, InterruptedException {
    while (container.inspect().status().isAlive()) {
      for (SupervisorMemory supervisor : SupervisorMemory.ofChildren()) {
        resident.accumulateAndGet(supervisor.resident(), Math::max);
      }
      Thread.sleep(LOOK);
    }
    Check.exitCode(container.await().code(), "printing");
  }
}
