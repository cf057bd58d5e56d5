package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/**
 * From the start of a JVM to the exit of its first container, with the image present. The end of
 * the JVM is measured beside it.
 */
@CommandLine.Command(
    name = "cold-start",
    description = "How long a fresh JVM takes to the exit of its first container.",
    mixinStandardHelpOptions = true)
final class ColdStart implements Callable<Integer> {
  private static final String JAVA = "java -version";

  @Mixin private final Choices choices = new Choices();

  public static void main(String... arguments) {
    System.exit(new CommandLine(new ColdStart()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    choices.defaultTo(20, 2);
    try (Scratch scratch = Scratch.make()) {
      String image;
      try (Pinnace engine = scratch.open()) {
        image = engine.images().fromHost("true").id().toString();
      }
      List<String> first =
          List.of(
              java(),
              "-cp",
              System.getProperty("java.class.path"),
              FirstRun.class.getName(),
              scratch.root().toString(),
              scratch.run().toString(),
              image);
      List<Contender> all =
          List.of(
              new FirstLine("to the container's exit", first),
              new Command("to the end of the JVM", first),
              Command.of(JAVA, java(), "-version"));
      System.out.print(Table.of(choices.race(all).run(), JAVA));
    }
    return 0;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A program until it has said its first line; its end is not measured. */
  private static final class FirstLine implements Contender {
    private final String name;
    private final ProcessBuilder command;
    private Process process;

    FirstLine(String name, List<String> words) throws IOException {
      this.name = name;
      this.command = new ProcessBuilder(words).redirectError(Redirect.INHERIT);
      this.process = new ProcessBuilder("true").start();
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void run() throws IOException {
      process = command.start();
      BufferedReader out = process.inputReader();
      if (out.readLine() == null) {
        throw new UncheckedIOException(new IOException("the first container did not run"));
      }
    }

    @Override
    public void settle() throws InterruptedException {
      Check.exitCode(process.waitFor(), name);
    }
  }
}
