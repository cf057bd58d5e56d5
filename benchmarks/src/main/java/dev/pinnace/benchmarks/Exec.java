package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExecSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** From the call to the exit of {@code true}, executed in a container that runs already. */
@CommandLine.Command(
    name = "exec",
    description = "How long a program in a running container takes, beside other programs.",
    mixinStandardHelpOptions = true)
final class Exec implements Callable<Integer> {
  private static final String RUNC = "runc exec";

  @Mixin private final Choices choices = new Choices();

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Exec()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = Scratch.make();
        Pinnace engine = scratch.open()) {
      String image = engine.images().fromHost(Peers.PROGRAMS).id().toString();
      Container container =
          engine.containers().start(ContainerSpec.image(image).command("sleep", "infinity"));
      List<Contender> all = new ArrayList<>();
      ExecSpec program = ExecSpec.of("true");
      all.add(
          Contender.of(
              "pinnace exec", () -> Check.exitCode(container.execute(program).exitCode(), "true")));
      try (Peers peers = Peers.exec(scratch, engine, image, choices::wants)) {
        all.addAll(peers.working());
        System.out.print(Table.of(choices.race(all).run(), RUNC));
        peers.missing().forEach(System.out::println);
      } finally {
        container.remove(true);
      }
    }
    return 0;
  }
}
