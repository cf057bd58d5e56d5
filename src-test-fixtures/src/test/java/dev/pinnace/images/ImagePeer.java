package dev.pinnace.images;

import dev.pinnace.Pinnace;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.spec.ImageFilter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Another JVM, which does one thing with images. It can be told to stop at one of its writes. */
final class ImagePeer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private ImagePeer(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Has it work and kills it where it stops.
   *
   * @param point at which of the writes, from 1
   * @param work open, load, pull, host, tag, or remove; and what
   * @return the name of the write; "done" when there are fewer
   */
  static String killedAt(Path root, Path run, int point, String... work) {
    try (ImagePeer peer = started(root, run, point, work)) {
      return peer.hear();
    }
  }

  /**
   * Has it work to the end.
   *
   * @param work as above, or "prune": again and again until it is {@linkplain #end ended}
   */
  static ImagePeer start(Path root, Path run, String... work) {
    return started(root, run, Integer.MAX_VALUE, work);
  }

  private static ImagePeer started(Path root, Path run, int point, String... work) {
    try {
      return new ImagePeer(
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
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next thing that it says: "done" when its work is. */
  String hear() {
    try {
      String answer = answers.readLine();
      return answer == null ? "it ended" : answer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has what it does again and again end: what it says then. */
  String end() {
    try {
      process.getOutputStream().close();
      return hear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
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
        case "prune" -> pruneUntilTheEndOfInput(engine, out);
        default -> engine.images().list();
      }
      out.println("done");
      new CountDownLatch(1).await();
    }
  }

  private static void pruneUntilTheEndOfInput(Pinnace engine, PrintStream out) {
    AtomicBoolean ended = new AtomicBoolean();
    Thread reader =
        new Thread(
            () -> {
              try {
                int unused = System.in.read();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              } finally {
                ended.set(true);
              }
            });
    reader.setDaemon(true);
    reader.start();
    for (int rounds = 1; !ended.get(); rounds++) {
      engine.images().prune(ImageFilter.all());
      if (rounds == 1) {
        out.println("pruned");
      }
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
