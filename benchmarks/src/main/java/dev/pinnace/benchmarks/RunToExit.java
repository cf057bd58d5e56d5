package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/**
 * From the call to the exit of {@code true}, in a warm JVM, with the image present, no network, and
 * cgroup, seccomp, capabilities and logs on.
 */
@CommandLine.Command(
    name = "run-to-exit",
    description = "How long a container takes from start to exit, beside other programs.",
    mixinStandardHelpOptions = true)
final class RunToExit implements Callable<Integer> {
  private static final String RUNC = "runc run";

  @Mixin private final Choices choices = new Choices();

  public static void main(String... arguments) {
    System.exit(new CommandLine(new RunToExit()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost(Peers.PROGRAMS).id().toString();
      List<Contender> all = new ArrayList<>(ours(engine, image));
      try (Peers peers = Peers.run(scratch, engine, image, choices::wants)) {
        all.addAll(peers.working());
        System.out.print(Table.of(choices.race(all).run(), RUNC));
        peers.missing().forEach(System.out::println);
      }
    }
    return 0;
  }

  private static List<Contender> ours(Pinnace engine, String image) {
    ContainerSpec spec = ContainerSpec.image(image).command("true").build();
    Deque<Container> kept = new ArrayDeque<>();
    return List.of(
        Contender.of(
            "pinnace, removed at exit",
            () -> Check.exitCode(engine.containers().run(spec).exitCode(), "true")),
        Contender.of(
            "pinnace, kept",
            () -> {
              kept.add(engine.containers().start(spec));
              Check.exitCode(kept.getLast().await().code(), "true");
            },
            () -> kept.remove().remove(true)));
  }
}
