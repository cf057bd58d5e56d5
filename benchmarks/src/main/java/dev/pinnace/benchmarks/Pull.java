package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long it takes until an image of a registry on this host can be used, beside other programs.
 * Each run begins with an empty store, but in the scenario {@code nine-of-ten}.
 *
 * <p>Nothing is removed before all is measured: for some minutes ext4 gives out no inode that was
 * freed, and whoever makes files in that time pays for looking through all of them.
 */
@CommandLine.Command(
    name = "pull",
    description = "From a name until the image is unpacked, with a store that is empty before.",
    mixinStandardHelpOptions = true)
final class Pull implements Callable<Integer> {
  @Mixin private Choices choices = new Choices();

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "big, many-files, many-layers, nine-of-ten (default: all)")
  private List<String> scenarios = List.of("big", "many-files", "many-layers", "nine-of-ten");

  public static void main(String... arguments) {
    System.exit(new CommandLine(new Pull()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    choices.defaultTo(5, 1);
    try (Scratch scratch = Scratch.make();
        LocalRegistry registry = LocalRegistry.start(scratch)) {
      for (String scenario : scenarios) {
        PulledImage image = PulledImage.make(scenario, scratch, registry);
        System.out.printf("%n%s: %s%n", scenario, image.description());
        System.out.print(Table.of(race(scratch, scenario, image), "pinnace"));
      }
      System.out.println(
          """

          pinnace: Images.pull in a JVM that is warm; what it pulled is verified after a power failure
          pinnace, on disk: the same, and close, which waits until everything is on the disk
          podman, skopeo+umoci, docker: as they are; none of them waits until layers are on the disk""");
    }
    return 0;
  }

  private Map<String, Samples> race(Scratch scratch, String scenario, PulledImage image)
      throws IOException, InterruptedException {
    List<Puller> pullers = new ArrayList<>();
    for (Puller puller : Pullers.all(scratch, image)) {
      if (choices.wants(puller.name())) {
        pullers.add(puller);
      }
    }
    Path stores = scratch.directory("stores-" + scenario);
    Map<String, Samples> results = new LinkedHashMap<>();
    for (int run = -choices.warmUps(); run < choices.runs(); run++) {
      for (Puller puller : pullers) {
        puller.prepare(
            stores.resolve(
                puller.name().replaceAll("\\W+", "-") + "-" + (run + choices.warmUps())));
        Command.of("sync", "sync").run();
        long begin = System.nanoTime();
        puller.run();
        long end = System.nanoTime();
        puller.end();
        if (run >= 0) {
          results.computeIfAbsent(puller.name(), name -> new Samples()).add(end - begin);
        }
      }
    }
    return results;
  }
}
