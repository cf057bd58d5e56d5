package dev.pinnace.benchmarks;

import dev.pinnace.Pinnace;
import dev.pinnace.fixtures.images.DockerDaemon;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Other programs that run containers, each with the files of the same image; those that are not
 * installed or do not work here are left out and named. What they store is below the benchmark's
 * own directory.
 */
final class Peers implements AutoCloseable {
  /** What the image must hold. */
  static final String[] PROGRAMS = {"true", "sleep", "sh", "cp", "mkdir", "yes", "head"};

  private static final String IMAGE = "pinnace-benchmark:1";
  private static final List<String> TRUE = List.of("true");

  /** Podman asks for more than a root without CAP_SYS_RESOURCE may have. */
  private static final List<String> FEWER_THAN_ALLOWED =
      List.of("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024");

  private final Path directory;
  private final Path runDirectory;
  private final Path rootfs;
  private final Predicate<String> wanted;
  private String network = "none";
  private final List<Contender> working = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<Command> cleanUps = new ArrayList<>();
  private Optional<DockerDaemon> daemon = Optional.empty();

  private Peers(Path directory, Path runDirectory, Predicate<String> wanted) {
    this.directory = directory;
    this.runDirectory = runDirectory;
    this.rootfs = directory.resolve("bundle/rootfs");
    this.wanted = wanted;
  }

  /** Those that run {@code true} from start to exit. */
  static Peers run(Scratch scratch, Pinnace engine, String image, Predicate<String> wanted)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    peers.runtime("runc", TRUE, Map.of());
    peers.runtime("crun", TRUE, Map.of());
    peers.bubblewrap();
    peers.engine("podman", peers.podman(), FEWER_THAN_ALLOWED, TRUE);
    peers.docker(scratch, List.of(), TRUE);
    peers.offer("(a process: true)", TRUE);
    return peers;
  }

  /**
   * Those that run {@code program} with directories of the host mounted, as {@code -v} has them.
   */
  static Peers withMounts(
      Scratch scratch,
      Pinnace engine,
      String image,
      Predicate<String> wanted,
      Map<String, Path> binds,
      List<String> program)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    List<String> flags = new ArrayList<>();
    binds.forEach((place, source) -> flags.addAll(List.of("-v", source + ":" + place)));
    peers.runtime("runc", program, binds);
    peers.runtime("crun", program, binds);
    peers.engine("podman", peers.podman(), Command.joined(FEWER_THAN_ALLOWED, flags), program);
    peers.docker(scratch, flags, program);
    return peers;
  }

  /** Those that fill a new volume at {@code place} with what the image has there, and keep it. */
  static Peers withVolume(
      Scratch scratch, Pinnace engine, String image, Predicate<String> wanted, String place)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    List<String> flags = List.of("-v", "filled" + Command.UNIQUE + ":" + place);
    peers.engine("podman", peers.podman(), Command.joined(FEWER_THAN_ALLOWED, flags), TRUE);
    peers.docker(scratch, flags, TRUE);
    return peers;
  }

  /**
   * Those that run {@code true} in a network with a bridge, in which there may be others. Podman is
   * none of them: its bridge would be the host's.
   */
  static Peers inNetwork(Scratch scratch, Pinnace engine, String image, Predicate<String> wanted)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    peers.network = "bridge";
    peers.docker(scratch, List.of(), TRUE);
    return peers;
  }

  /** Those that keep the last 30 MiB of what {@code program} prints, and hand all of it on. */
  static Peers logs(
      Scratch scratch, Pinnace engine, String image, Predicate<String> wanted, List<String> program)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    peers.engine(
        "podman",
        peers.podman(),
        Command.joined(FEWER_THAN_ALLOWED, List.of("--log-opt", "max-size=10mb")),
        program);
    peers.docker(scratch, List.of("--log-opt", "max-size=10m", "--log-opt", "max-file=3"), program);
    return peers;
  }

  /** What starts a container of podman that sleeps; empty where that does not work. */
  static Optional<Idle> idle(Scratch scratch, Pinnace engine, String image)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, name -> true);
    List<String> podman = peers.podman();
    if (!Command.isInstalled("podman") || !peers.imports("podman", podman)) {
      peers.close();
      return Optional.empty();
    }
    List<String> run = List.of("run", "--detach", "--network", "none");
    List<String> sleep = List.of(IMAGE, "sleep", "infinity");
    return Optional.of(
        new Idle(
            peers,
            new Command(
                "start",
                Command.joined(
                    podman, Command.joined(run, Command.joined(FEWER_THAN_ALLOWED, sleep)))),
            new Command(
                "end", Command.joined(podman, List.of("rm", "--force", "--time", "0", "--all")))));
  }

  /**
   * Containers of podman that wait.
   *
   * @param start starts one
   * @param end ends all
   */
  record Idle(Peers peers, Command start, Command end) implements AutoCloseable {
    @Override
    public void close() {
      peers.close();
    }
  }

  /** Those that execute {@code true} in a container that runs already. */
  static Peers exec(Scratch scratch, Pinnace engine, String image, Predicate<String> wanted)
      throws IOException, InterruptedException {
    Peers peers = withFiles(scratch, engine, image, wanted);
    peers.runtimeExec("runc");
    peers.runtimeExec("crun");
    return peers;
  }

  private static Peers withFiles(
      Scratch scratch, Pinnace engine, String image, Predicate<String> wanted) throws IOException {
    Peers peers = new Peers(scratch.directory("peers"), scratch.runDirectory("p"), wanted);
    scratch.directory("peers/bundle/rootfs");
    copyFiles(engine, image, peers.rootfs);
    return peers;
  }

  /** The image copies itself: it has {@code sh} and {@code cp}. */
  private static void copyFiles(Pinnace engine, String image, Path target) {
    String script =
        "for d in /bin /sbin /lib /lib64 /usr /etc /data; do "
            + "if [ -e $d ]; then cp -a $d /out/; fi; done; "
            + "mkdir -p /out/proc /out/sys /out/dev /out/tmp";
    Check.exitCode(
        engine
            .containers()
            .run(
                ContainerSpec.image(image)
                    .mount(Mount.bind(target).at("/out"))
                    .command("sh", "-c", "PATH=/usr/bin:/bin; " + script))
            .exitCode(),
        "copying the image's files");
  }

  /** Those that work here. */
  List<Contender> working() {
    return List.copyOf(working);
  }

  /** Who is not measured, and why: a sentence each. */
  List<String> missing() {
    return List.copyOf(missing);
  }

  private void offer(String name, List<String> words) throws IOException, InterruptedException {
    if (!wanted.test(name)) {
      return;
    }
    Command command = new Command(name, words);
    Command.Outcome outcome = command.attempt();
    if (outcome.worked()) {
      working.add(command);
    } else {
      missing.add(name + " does not work here: " + outcome.reason());
    }
  }

  private boolean isThere(String program, String name) {
    if (wanted.test(name) && !Command.isInstalled(program)) {
      missing.add(name + " is not installed");
    }
    return wanted.test(name) && Command.isInstalled(program);
  }

  private void runtime(String program, List<String> runs, Map<String, Path> binds)
      throws IOException, InterruptedException {
    String name = program + " run";
    if (!isThere(program, name)) {
      return;
    }
    Path bundle = directory.resolve("bundle");
    if (!bundle.resolve("config.json").toFile().exists()) {
      Command.of("spec", program, "spec", "--bundle", bundle.toString()).run();
      Bundle.harden(bundle, runs, "/pinnace-benchmark");
      Bundle.bind(bundle, binds);
    }
    String state = directory.resolve(program).toString();
    offer(
        name,
        List.of(
            program, "--root", state, "run", "--bundle", bundle.toString(), "pinnace-" + program));
  }

  /** A second bundle sleeps; programs are executed in it. */
  private void runtimeExec(String program) throws IOException, InterruptedException {
    String name = program + " exec";
    if (!isThere(program, name)) {
      return;
    }
    Path bundle = Files.createDirectories(directory.resolve("sleeping"));
    Path files = bundle.resolve("rootfs");
    if (!Files.exists(files)) {
      Command.of("copy", "cp", "-a", rootfs.toString(), files.toString()).run();
      Command.of("spec", program, "spec", "--bundle", bundle.toString()).run();
      Bundle.harden(bundle, List.of("sleep", "infinity"), "/pinnace-benchmark-exec");
    }
    String state = directory.resolve(program).toString();
    String id = "pinnace-sleeping-" + program;
    Command start =
        Command.of(
            "start",
            program,
            "--root",
            state,
            "run",
            "--detach",
            "--bundle",
            bundle.toString(),
            id);
    cleanUps.add(Command.of("end", program, "--root", state, "delete", "--force", id));
    try {
      start.run();
    } catch (IllegalStateException refusal) {
      missing.add(name + " does not work here: " + refusal.getMessage());
      return;
    }
    offer(name, List.of(program, "--root", state, "exec", id, "true"));
  }

  private void bubblewrap() throws IOException, InterruptedException {
    if (isThere("bwrap", "bwrap")) {
      offer(
          "bwrap --unshare-all",
          List.of(
              "bwrap",
              "--unshare-all",
              "--bind",
              rootfs.toString(),
              "/",
              "--proc",
              "/proc",
              "--dev",
              "/dev",
              "true"));
    }
  }

  private List<String> podman() {
    return List.of(
        "podman",
        "--root",
        directory.resolve("podman").toString(),
        "--runroot",
        runDirectory.toString(),
        "--runtime",
        Command.isInstalled("runc") ? "runc" : "crun");
  }

  private void docker(Scratch scratch, List<String> options, List<String> runs)
      throws IOException, InterruptedException {
    if (!isThere("dockerd", "docker run")) {
      return;
    }
    try {
      Path store = directory.resolve("docker");
      DockerDaemon started =
          network.equals("none")
              ? DockerDaemon.start(store, scratch.runDirectory("d"))
              : DockerDaemon.startWithBridge(store, scratch.runDirectory("d"));
      daemon = Optional.of(started);
      engine("docker", started.client(), options, runs);
    } catch (IllegalStateException refusal) {
      missing.add("docker run does not work here: " + refusal.getMessage());
    }
  }

  private void engine(String program, List<String> words, List<String> options, List<String> runs)
      throws IOException, InterruptedException {
    String name = program + " run";
    if (!isThere(program, name) || !imports(name, words)) {
      return;
    }
    List<String> start = new ArrayList<>(words);
    start.addAll(List.of("run", "--rm", "--network", network));
    start.addAll(options);
    start.add(IMAGE);
    start.addAll(runs);
    offer(name, start);
  }

  /** Whether the files have become an image of theirs. */
  private boolean imports(String name, List<String> words)
      throws IOException, InterruptedException {
    String call = String.join(" ", words);
    Command.Outcome imported =
        Command.of(
                "import", "sh", "-c", "tar -C " + rootfs + " -c . | " + call + " import - " + IMAGE)
            .attempt();
    if (!imported.worked()) {
      missing.add(name + " does not work here: " + imported.reason());
      return false;
    }
    cleanUps.add(new Command("remove", Command.joined(words, List.of("rmi", "--force", IMAGE))));
    return true;
  }

  @Override
  public void close() {
    for (Command cleanUp : cleanUps) {
      try {
        cleanUp.attempt();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("cannot clean up after " + cleanUp.words(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    daemon.ifPresent(DockerDaemon::close);
  }
}
