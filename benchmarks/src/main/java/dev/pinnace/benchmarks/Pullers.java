package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The programs that pull images and are installed here. */
final class Pullers {
  private Pullers() {}

  static List<Puller> all(Scratch scratch, PulledImage image)
      throws IOException, InterruptedException {
    List<Puller> all = new ArrayList<>();
    Path store = scratch.directory("stores");
    all.add(new OfPinnace("pinnace", scratch, store.resolve("pinnace"), image, false));
    all.add(new OfPinnace("pinnace, on disk", scratch, store.resolve("durable"), image, true));
    if (Command.isInstalled("podman")) {
      all.add(new OfPodman(store.resolve("podman"), scratch.runDirectory("podman"), image));
    }
    if (Command.isInstalled("skopeo") && Command.isInstalled("umoci")) {
      all.add(new OfSkopeo(store.resolve("skopeo"), image));
    }
    if (Command.isInstalled("docker")
        && Command.of("docker", "docker", "info").attempt().worked()) {
      all.add(new OfDocker(image));
    }
    return all;
  }

  private static void remove(Path store) throws IOException, InterruptedException {
    Command.of("rm", "rm", "-rf", store.toString()).run();
  }

  /** In this JVM, with an engine of its own for each run. */
  private static final class OfPinnace implements Puller {
    private final String name;
    private final Scratch scratch;
    private final Path root;
    private final PulledImage image;
    private final boolean closes;
    private @Nullable Pinnace engine;

    OfPinnace(String name, Scratch scratch, Path root, PulledImage image, boolean closes) {
      this.name = name;
      this.scratch = scratch;
      this.root = root;
      this.image = image;
      this.closes = closes;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare() {
      Pinnace open = Pinnace.builder().root(root).runDirectory(scratch.run()).open();
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
    public void clean() throws IOException, InterruptedException {
      java.util.Objects.requireNonNull(engine).close();
      remove(root);
    }
  }

  private record OfPodman(Path root, Path state, PulledImage image) implements Puller {
    @Override
    public String name() {
      return "podman";
    }

    private void pull(String reference) throws IOException, InterruptedException {
      Command.of(
              "podman",
              "podman",
              "--root=" + root,
              "--runroot=" + state,
              "--storage-driver=overlay",
              "pull",
              "-q",
              "--tls-verify=false",
              reference)
          .run();
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
      if (!image.before().isEmpty()) {
        pull(image.before());
      }
    }

    @Override
    public void run() throws IOException, InterruptedException {
      pull(image.reference());
    }

    @Override
    public void clean() throws IOException, InterruptedException {
      Command.Outcome unused =
          Command.of("umount", "umount", root.resolve("overlay").toString()).attempt();
      remove(root);
      remove(state);
    }
  }

  /** Skopeo has no store of layers: whatever was there before is fetched again. */
  private record OfSkopeo(Path directory, PulledImage image) implements Puller {
    @Override
    public String name() {
      return "skopeo+umoci";
    }

    @Override
    public void prepare() throws IOException {
      Files.createDirectories(directory);
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
    public void clean() throws IOException, InterruptedException {
      remove(directory);
    }
  }

  private record OfDocker(PulledImage image) implements Puller {
    @Override
    public String name() {
      return "docker";
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
      if (!image.before().isEmpty()) {
        Command.of("docker", "docker", "pull", "-q", image.before()).run();
      }
    }

    @Override
    public void run() throws IOException, InterruptedException {
      Command.of("docker", "docker", "pull", "-q", image.reference()).run();
    }

    @Override
    public void clean() throws IOException, InterruptedException {
      Command.of("docker", "docker", "rmi", image.reference()).run();
      if (!image.before().isEmpty()) {
        Command.of("docker", "docker", "rmi", image.before()).run();
      }
    }
  }
}
