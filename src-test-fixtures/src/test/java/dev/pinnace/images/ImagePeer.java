package dev.pinnace.images;

import dev.pinnace.Pinnace;
import dev.pinnace.internal.durable.FaultPoints;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Another JVM, which does one thing with images and stops at one of its writes, to be killed. */
final class ImagePeer {
  private ImagePeer() {}

  /**
   * Has it work and kills it where it stops.
   *
   * @param point at which of the writes, from 1
   * @param work open, load, pull, host, tag, or remove; and what
   * @return the name of the write; "done" when there are fewer
   */
  static String killedAt(Path root, Path run, int point, String... work) {
    try {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xshare:auto",
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ImagePeer.class.getName(),
                  root.toString(),
                  run.toString(),
                  Integer.toString(point),
                  work[0],
                  work.length > 1 ? work[1] : "")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      try (BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        String answer = answers.readLine();
        return answer == null ? "it ended" : answer;
      } finally {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a JVM ends", e);
    }
  }

  /** The other JVM. */
  public static void main(String[] arguments) throws InterruptedException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int last = Integer.parseInt(arguments[2]);
    boolean opening = arguments[3].equals("open");
    if (opening) {
      haltAt(last, out);
    }
    try (Pinnace engine =
        Pinnace.builder().root(Path.of(arguments[0])).runDirectory(Path.of(arguments[1])).open()) {
      if (!opening) {
        haltAt(last, out);
      }
      switch (arguments[3]) {
        case "load" -> engine.images().load(Path.of(arguments[4]));
        case "pull" -> engine.images().pull(arguments[4]);
        case "host" -> engine.images().fromHost(arguments[4]);
        case "tag" -> engine.images().tag(arguments[4], "tagged:1");
        case "remove" -> engine.images().remove(arguments[4], false);
        default -> engine.images().list();
      }
      out.println("done");
      new CountDownLatch(1).await();
    }
  }

  private static void haltAt(int last, PrintStream out) {
    AtomicInteger count = new AtomicInteger();
    FaultPoints.listen(
        point -> {
          if (count.incrementAndGet() == last) {
            out.println(point);
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        });
  }
}
