package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A docker daemon of the benchmark's own, with an empty store, and without bridge and firewall: it
 * changes nothing on the host, and takes root to run.
 */
final class DockerDaemon implements AutoCloseable {
  private static final int SECONDS = 30;

  private final Process process;
  private final List<String> client;

  private DockerDaemon(Process process, List<String> client) {
    this.process = process;
    this.client = client;
  }

  static boolean isInstalled() {
    return Command.isInstalled("docker") && Command.isInstalled("dockerd");
  }

  /**
   * Returns when it answers.
   *
   * @param store where images go
   * @param run for its sockets: a short path
   */
  static DockerDaemon start(Path store, Path run) throws IOException, InterruptedException {
    String address = "unix://" + run.resolve("docker.sock");
    Path log = Files.createDirectories(store).resolve("log");
    Process process =
        new ProcessBuilder(
                "dockerd",
                "--data-root=" + store.resolve("data"),
                "--exec-root=" + run.resolve("exec"),
                "--pidfile=" + run.resolve("pid"),
                "--host=" + address,
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
                "--ip-masq=false",
                "--ip-forward=false")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    DockerDaemon daemon = new DockerDaemon(process, List.of("docker", "--host=" + address));
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::close)); // interrupted benchmarks
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!daemon.command("info").attempt().worked()) {
      if (System.nanoTime() > end || !process.isAlive()) {
        daemon.close();
        throw new IllegalStateException("dockerd does not answer: " + Files.readString(log));
      }
      Thread.sleep(100);
    }
    return daemon;
  }

  /** How its client is called. */
  List<String> client() {
    return client;
  }

  Command command(String... words) {
    return new Command("docker", Command.joined(client, List.of(words)));
  }

  /** Ends it, and waits for that. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().completeOnTimeout(process, SECONDS, TimeUnit.SECONDS).join();
    process.destroyForcibly();
  }
}
