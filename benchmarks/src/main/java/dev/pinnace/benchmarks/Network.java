package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import dev.pinnace.ScopedContainer;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a network costs: at the start, and for what goes through it. */
@CommandLine.Command(
    name = "network",
    description = "What networks cost, beside other programs and a bare veth.",
    mixinStandardHelpOptions = true)
final class Network implements Callable<Integer> {
  private static final String NETWORK = "benchmark";
  private static final String NONE = "pinnace, no network";
  private static final String VETH = "(a bare veth)";

  @Mixin private final Choices choices = new Choices();

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "start, throughput, dns (default: all)")
  private List<String> scenarios = List.of("start", "throughput", "dns");

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "how much is sent (default: ${DEFAULT-VALUE})")
  private int size = 256;

  @Option(
      names = "--questions",
      paramLabel = "N",
      description = "how many names are asked for (default: ${DEFAULT-VALUE})")
  private int questions = 20_000;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Network()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    choices.defaultTo(20, 2);
    for (String scenario : scenarios) {
      System.out.println(scenario);
      try (Scratch scratch = Scratch.make();
          Pinnace engine = scratch.open()) {
        engine.networks().create(NETWORK);
        switch (scenario) {
          case "start" -> start(scratch, engine);
          case "throughput" -> throughput(engine);
          case "dns" -> dns(engine);
          default ->
              throw new IllegalArgumentException(
                  "there is no scenario " + scenario + ": start, throughput or dns");
        }
      }
    }
    return 0;
  }

  /** From the call to the exit of {@code true}. */
  private void start(Scratch scratch, Pinnace engine) throws IOException, InterruptedException {
    String image = engine.images().fromHost(Peers.PROGRAMS).id().toString();
    ContainerSpecBuilder alone = ContainerSpec.image(image).command("true");
    ContainerSpecBuilder networked = ContainerSpec.image(image).command("true").network(NETWORK);
    race(
        List.of(ours(NONE, engine, alone), ours("pinnace, first in a network", engine, networked)));
    ContainerSpecBuilder other =
        ContainerSpec.image(image).command("sleep", "infinity").network(NETWORK);
    try (ScopedContainer running = engine.containers().scoped(other);
        Peers peers = Peers.inNetwork(scratch, engine, image, choices::wants)) {
      List<Contender> all = new ArrayList<>();
      all.add(ours(NONE, engine, alone));
      all.add(ours("pinnace, second in a network", engine, networked));
      all.addAll(peers.working());
      race(all);
      peers.missing().forEach(System.out::println);
    }
  }

  private void race(List<Contender> all) throws IOException, InterruptedException {
    System.out.print(Table.of(choices.race(all).run(), NONE));
  }

  private static Contender ours(String name, Pinnace engine, ContainerSpecBuilder spec) {
    ContainerSpec built = spec.build();
    return Contender.of(
        name, () -> Check.exitCode(engine.containers().run(built).exitCode(), name));
  }

  /** From one container to another, and from one end of a veth to the other, the same programs. */
  private void throughput(Pinnace engine) throws IOException, InterruptedException {
    String image = engine.images().fromHost("sh", "bash", "dd", "busybox").id().toString();
    ContainerSpecBuilder server =
        ContainerSpec.image(image).network(NETWORK).name("server").command("sh", "-c", Veth.SERVER);
    ContainerSpecBuilder client =
        ContainerSpec.image(image).network(NETWORK).command("busybox", "sleep", "infinity");
    ExecSpec send = ExecSpec.of("bash", "-c", Veth.send(size, "server"));
    try (ScopedContainer serving = engine.containers().scoped(server);
        ScopedContainer sending = engine.containers().scoped(client);
        Veth veth = Veth.make()) {
      String name = "pinnace, to " + serving.name();
      List<Contender> all =
          List.of(
              Contender.of(name, () -> Check.exitCode(sending.execute(send).exitCode(), name)),
              veth.sender(VETH, size));
      System.out.print(Table.of(choices.race(all).run(), VETH));
    }
  }

  /** A peer's name asked of the gateway, and the only name that dnsmasq knows. */
  private void dns(Pinnace engine) throws IOException, InterruptedException {
    String image = engine.images().fromHost("sleep").id().toString();
    ContainerSpecBuilder waiting =
        ContainerSpec.image(image).network(NETWORK).command("sleep", "infinity");
    try (ScopedContainer asked = engine.containers().scoped(waiting.name("server"));
        ScopedContainer asking = engine.containers().scoped(waiting.name("client"));
        NameLoad load =
            NameLoad.of(
                Path.of("/proc/" + asking.inspect().pid().orElseThrow() + "/ns/net"),
                engine.networks().get(NETWORK).inspect().gateway(),
                asked.name())) {
      System.out.print(load.measure("pinnace", questions));
    }
    if (!Command.isInstalled("dnsmasq")) {
      System.out.println("dnsmasq is not there (Debian: dnsmasq-base)");
      return;
    }
    try (Veth veth = Veth.make();
        NameLoad load = veth.names("server")) {
      veth.nameServer("server");
      load.awaitServer();
      System.out.print(load.measure("dnsmasq, over a bare veth", questions));
    }
  }
}
