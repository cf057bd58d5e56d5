package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.DockerDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The programs that pull images and are installed here. */
final class Pullers {
  private Pullers() {}

  static List<Puller> all(Scratch scratch, PulledImage image) {
    List<Puller> all = new ArrayList<>();
    all.add(new OfPinnace("pinnace", scratch, image, false));
    all.add(new OfPinnace("pinnace, on disk", scratch, image, true));
    if (Command.isInstalled("podman")) {
      all.add(new OfPodman(scratch, image));
    }
    if (Command.isInstalled("skopeo") && Command.isInstalled("umoci")) {
      all.add(new OfSkopeo(image));
    }
    if (Command.isInstalled("docker") && Command.isInstalled("dockerd")) {
      all.add(new OfDocker(scratch, image));
    }
    return all;
  }

  /** In this JVM, with an engine of its own for each run. */
  private static final class OfPinnace implements Puller {
    private final String name;
    private final Scratch scratch;
    private final PulledImage image;
    private final boolean closes;
    private @Nullable Pinnace engine;

    OfPinnace(String name, Scratch scratch, PulledImage image, boolean closes) {
      this.name = name;
      this.scratch = scratch;
      this.image = image;
      this.closes = closes;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare(Path store) {
      Pinnace open = Pinnace.builder().root(store).runDirectory(scratch.run()).open();
      engine = open;
      if (!image.before().isEmpty()) {
        open.images().pull(image.before());
      }
    }

    @Override
    public void run() {
      Pinnace open = java.util.Objects.requireNonNull(engine);
      open.images().pull(image.reference());
      if (closes) {
        open.close();
      }
    }

    @Override
    public void end() {
      java.util.Objects.requireNonNull(engine).close();
    }
  }

  private static final class OfPodman implements Puller {
    private final Scratch scratch;
    private final PulledImage image;
    private Path root = Path.of("");

    OfPodman(Scratch scratch, PulledImage image) {
      this.scratch = scratch;
      this.image = image;
    }

    @Override
    public String name() {
      return "podman";
    }

    private void pull(String reference) throws IOException, InterruptedException {
      Command.of(
              "podman",
              "podman",
              "--root=" + root,
              "--runroot=" + scratch.runDirectory("podman"),
              "--storage-driver=overlay",
              "pull",
              "-q",
              "--tls-verify=false",
              reference)
          .run();
    }

    @Override
    public void prepare(Path store) throws IOException, InterruptedException {
      root = store;
      if (!image.before().isEmpty()) {
        pull(image.before());
      }
    }

    @Override
    public void run() throws IOException, InterruptedException {
      pull(image.reference());
    }

    @Override
    public void end() throws IOException, InterruptedException {
      Command.Outcome unused =
          Command.of("umount", "umount", root.resolve("overlay").toString()).attempt();
      Command.of("rm", "rm", "-rf", scratch.runDirectory("podman").toString()).run();
    }
  }

  /** Skopeo has no store of layers: whatever was there before is fetched again. */
  private static final class OfSkopeo implements Puller {
    private final PulledImage image;
    private Path directory = Path.of("");

    OfSkopeo(PulledImage image) {
      this.image = image;
    }

    @Override
    public String name() {
      return "skopeo+umoci";
    }

    @Override
    public void prepare(Path store) throws IOException {
      directory = Files.createDirectories(store);
    }

    @Override
    public void run() throws IOException, InterruptedException {
      String layout = directory.resolve("layout").toString();
      Command.of(
              "skopeo",
              "skopeo",
              "copy",
              "-q",
              "--src-tls-verify=false",
              "docker://" + image.reference(),
              "oci:" + layout + ":1")
          .run();
      Command.of(
              "umoci",
              "umoci",
              "unpack",
              "--image",
              layout + ":1",
              directory.resolve("bundle").toString())
          .run();
    }

    @Override
    public void end() {}
  }

  /** With a daemon of its own for each run. */
  private static final class OfDocker implements Puller {
    private final Scratch scratch;
    private final PulledImage image;
    private @Nullable DockerDaemon daemon;

    OfDocker(Scratch scratch, PulledImage image) {
      this.scratch = scratch;
      this.image = image;
    }

    @Override
    public String name() {
      return "docker";
    }

    @Override
    public void prepare(Path store) throws IOException, InterruptedException {
      daemon = DockerDaemon.start(store, scratch.runDirectory("d"));
      if (!image.before().isEmpty()) {
        pull(image.before());
      }
    }

    private void pull(String reference) throws IOException, InterruptedException {
      List<String> client = java.util.Objects.requireNonNull(daemon).client();
      new Command("docker", Command.joined(client, List.of("pull", "-q", reference))).run();
    }

    @Override
    public void run() throws IOException, InterruptedException {
      pull(image.reference());
    }

    @Override
    public void end() {
      java.util.Objects.requireNonNull(daemon).close();
    }
  }
}
