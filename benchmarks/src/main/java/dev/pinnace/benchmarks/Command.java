package dev.pinnace.benchmarks;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A program of the host as a contender: from the spawn by this JVM to its end.
 *
 * @param words in which {@link #UNIQUE} stands for what no other run has
 */
record Command(String name, List<String> words) implements Contender {
  static final String UNIQUE = "{unique}";

  private static final int SHOWN = 300;
  private static final AtomicInteger RUNS = new AtomicInteger();

  Command {
    words = List.copyOf(words);
  }

  static Command of(String name, String... words) {
    return new Command(name, List.of(words));
  }

  static List<String> joined(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  /** Whether the program is on the search path. */
  static boolean isInstalled(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  @Override
  public void run() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(unique())
            .redirectInput(new File("/dev/null"))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    Check.exitCode(process.waitFor(), String.join(" ", words));
  }

  private List<String> unique() {
    String number = String.valueOf(RUNS.incrementAndGet());
    return words.stream().map(word -> word.replace(UNIQUE, number)).toList();
  }

  /** Runs it once and gives what it said, with its errors; empty if it failed. */
  Outcome attempt() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(unique())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), said.strip());
  }

  /** How an attempt went. */
  record Outcome(int code, String said) {
    boolean worked() {
      return code == 0;
    }

    /** The end of what it said, on one line. */
    String reason() {
      String line = said.replaceAll("\\s+", " ");
      return "exit code " + code + ": " + line.substring(Math.max(0, line.length() - SHOWN));
    }
  }
}
