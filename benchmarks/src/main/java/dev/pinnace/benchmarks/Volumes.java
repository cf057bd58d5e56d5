package dev.pinnace.benchmarks;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What mounts cost: at the start, for the files that go through them, and to fill a volume. */
@CommandLine.Command(
    name = "volumes",
    description = "What mounts and volumes cost, beside other programs and the host.",
    mixinStandardHelpOptions = true)
final class Volumes implements Callable<Integer> {
  private static final String RUNC = "runc run";
  private static final String HOST = "(the host)";
  private static final String DOCKER = "docker run";
  private static final List<String> TRUE = List.of("true");

  /** As many directories as files in each give 20,000 files. */
  private static final String FILL =
      "mkdir /data && cd /data && i=0 && while [ $i -lt 200 ]; do mkdir $i; j=0;"
          + " while [ $j -lt 100 ]; do echo $i.$j >$i/$j; j=$((j+1)); done; i=$((i+1)); done";

  @Mixin private final Choices choices = new Choices();

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "mounts, throughput, copy-up (default: all)")
  private List<String> scenarios = List.of("mounts", "throughput", "copy-up");

  @Option(
      names = "--mounts",
      paramLabel = "N",
      description = "how many directories are mounted (default: ${DEFAULT-VALUE})")
  private int mounts = 50;

  @Option(
      names = "--size",
      paramLabel = "MIB",
      description = "how large the file is (default: ${DEFAULT-VALUE})")
  private int size = 512;

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Volumes()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    choices.defaultTo(10, 1);
    for (String scenario : scenarios) {
      System.out.println(scenario);
      try (Scratch scratch = Scratch.make();
          Pinnace engine = scratch.open()) {
        switch (scenario) {
          case "mounts" -> start(scratch, engine);
          case "throughput" -> throughput(scratch, engine);
          case "copy-up" -> copyUp(scratch, engine);
          default ->
              throw new IllegalArgumentException(
                  "there is no scenario " + scenario + ": mounts, throughput or copy-up");
        }
      }
    }
    return 0;
  }

  private static String image(Pinnace engine) {
    List<String> programs = new ArrayList<>(List.of(Peers.PROGRAMS));
    programs.add("dd");
    return engine.images().fromHost(programs.toArray(String[]::new)).id().toString();
  }

  private static Contender ours(String name, Pinnace engine, ContainerSpecBuilder spec) {
    ContainerSpec built = spec.build();
    return Contender.of(
        name, () -> Check.exitCode(engine.containers().run(built).exitCode(), name));
  }

  private void race(List<Contender> ours, Peers peers, String reference)
      throws IOException, InterruptedException {
    List<Contender> all = new ArrayList<>(ours);
    all.addAll(peers.working());
    System.out.print(Table.of(choices.race(all).run(), reference));
    peers.missing().forEach(System.out::println);
  }

  /** From the call to the exit of {@code true} in a container with many mounts. */
  private void start(Scratch scratch, Pinnace engine) throws IOException, InterruptedException {
    String image = image(engine);
    Map<String, Path> binds = new LinkedHashMap<>();
    ContainerSpecBuilder spec = ContainerSpec.image(image).command("true");
    for (int i = 0; i < mounts; i++) {
      Path source = scratch.directory("sources/" + i);
      binds.put("/mounts/" + i, source);
      spec.mount(Mount.bind(source).at("/mounts/" + i));
    }
    try (Peers peers = Peers.withMounts(scratch, engine, image, choices::wants, binds, TRUE)) {
      race(
          List.of(
              ours("pinnace, " + mounts + " mounts", engine, spec),
              ours("pinnace, none", engine, ContainerSpec.image(image).command("true"))),
          peers,
          RUNC);
    }
  }

  /** A file is written, and read again, from the start of the container to its exit. */
  private void throughput(Scratch scratch, Pinnace engine)
      throws IOException, InterruptedException {
    String image = image(engine);
    Path source = scratch.directory("source");
    ContainerSpecBuilder bind = program(image).mount(Mount.bind(source).at("/m"));
    ContainerSpecBuilder volume = program(image).mount(Mount.volume("benchmark").at("/m"));
    Command host = new Command(HOST, List.of("sh", "-c", script(source.toString())));
    try (Peers peers =
        Peers.withMounts(
            scratch,
            engine,
            image,
            choices::wants,
            Map.of("/m", source),
            List.of("sh", "-c", script("/m")))) {
      race(
          List.of(
              ours("pinnace, bind", engine, bind), ours("pinnace, volume", engine, volume), host),
          peers,
          HOST);
    }
  }

  private String script(String directory) {
    String file = directory + "/file";
    return "dd if=/dev/zero of="
        + file
        + " bs=1M count="
        + size
        + " 2>&1 && dd if="
        + file
        + " of=/dev/null bs=1M 2>&1";
  }

  private ContainerSpecBuilder program(String image) {
    return ContainerSpec.image(image).command("sh", "-c", script("/m"));
  }

  /**
   * From the call to the exit of {@code true}, with a new volume that is filled with many files. It
   * stays: ext4 is slow to make files just after as many were removed.
   */
  private void copyUp(Scratch scratch, Pinnace engine) throws IOException, InterruptedException {
    String base = image(engine);
    Container filled =
        engine.containers().start(ContainerSpec.image(base).command("sh", "-c", FILL));
    Check.exitCode(filled.await().code(), "making the files");
    String image = filled.commit(CommitSpec.unnamed()).id().toString();
    filled.remove(true);
    AtomicInteger volumes = new AtomicInteger();
    Contender ours =
        Contender.of(
            "pinnace, 20,000 files",
            () -> {
              Mount volume = Mount.volume("filled" + volumes.incrementAndGet()).at("/data");
              ContainerSpec spec = ContainerSpec.image(image).command("true").mount(volume).build();
              Check.exitCode(engine.containers().run(spec).exitCode(), "true");
            });
    try (Peers peers = Peers.withVolume(scratch, engine, image, choices::wants, "/data")) {
      race(List.of(ours), peers, DOCKER);
    }
  }
}
