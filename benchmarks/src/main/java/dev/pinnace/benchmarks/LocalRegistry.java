package dev.pinnace.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Debian's {@code docker-registry} on a loopback port of its own. */
final class LocalRegistry implements AutoCloseable {
  private static final int SECONDS = 20;

  private final Process process;
  private final int port;

  private LocalRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static LocalRegistry start(Scratch scratch) throws IOException, InterruptedException {
    if (!Command.isInstalled("docker-registry")) {
      throw new IllegalStateException("install docker-registry, skopeo and umoci first");
    }
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path directory = scratch.directory("registry");
    Path configuration =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(directory.resolve("data"), port));
    Process process =
        new ProcessBuilder("docker-registry", "serve", configuration.toString())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(directory.resolve("log").toFile())
            .start();
    LocalRegistry registry = new LocalRegistry(process, port);
    Runtime.getRuntime().addShutdownHook(new Thread(registry::close)); // interrupted benchmarks
    registry.await();
    return registry;
  }

  private void await() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (true) {
      try (Socket attempt = new Socket()) {
        attempt.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() > end || !process.isAlive()) {
          close();
          throw notYet;
        }
        Thread.sleep(50);
      }
    }
  }

  /** How a repository is called: {@code 127.0.0.1:PORT/NAME}. */
  String repository(String name) {
    return "127.0.0.1:" + port + "/" + name;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
