package dev.pinnace.engine;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.isolation.linux.supervisor.CrashPoints;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.NetworkAttachment;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spec.VolumeSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Another JVM with an engine on the same root. It does what it is told, and can be killed. */
final class Peer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  private Peer(Process process) {
    this.process = process;
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Its command line comes after {@code prefix}. */
  static Peer start(Path root, Path runDirectory, String... prefix) {
    List<String> command = new ArrayList<>(List.of(prefix));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Peer.class.getName(),
            root.toString(),
            runDirectory.toString()));
    try {
      return new Peer(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has it do something: its answer, or the next thing that it says. */
  String ask(String... words) {
    say(words);
    return hear();
  }

  void say(String... words) {
    try {
      process
          .getOutputStream()
          .write((String.join("\t", words) + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String hear() {
    try {
      String line = answers.readLine();
      return line == null ? "it ended" : line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The network namespace that it is in, and takes for the host's. */
  Path network() {
    return Path.of("/proc/" + process.pid() + "/ns/net");
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a JVM ends", e);
    }
  }

  @Override
  public void close() {
    kill();
  }

  /** The other JVM: root and run directory. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Pinnace engine =
        Pinnace.builder().root(Path.of(arguments[0])).runDirectory(Path.of(arguments[1])).open()) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(answer(engine, out, line.split("\t", -1)));
      }
    }
  }

  private static String answer(Pinnace engine, PrintStream out, String[] words) {
    try {
      return switch (words[0]) {
        case "create" -> engine.containers().create(spec(words)).id().hex();
        case "start" -> engine.containers().start(spec(words)).id().hex();
        case "again" -> {
          engine.containers().get(words[1]).start();
          yield "ok";
        }
        case "exec" -> {
          Container container = engine.containers().get(words[1]);
          yield container.execute("busybox", "sh", "-c", words[2]).stdout().strip();
        }
        case "log" -> engine.containers().get(words[1]).logs().text().replace("\n", "|");
        case "list" ->
            engine.containers().list(ContainerFilter.all()).stream()
                .map(c -> c.name() + "=" + c.status())
                .sorted()
                .collect(Collectors.joining(","));
        case "follow" -> {
          engine.containers().get(words[1]).logs().follow(l -> out.println("line " + l.text()));
          yield "ok";
        }
        case "await" ->
            "exit " + engine.containers().get(words[1]).await(Duration.ofSeconds(30)).code();
        case "stop" -> {
          engine.containers().get(words[1]).stop();
          yield "ok";
        }
        case "restart" -> {
          engine.containers().get(words[1]).restart();
          yield "ok";
        }
        case "kill" -> {
          engine.containers().get(words[1]).kill(Signal.KILL);
          yield "ok";
        }
        case "remove" -> {
          engine.containers().get(words[1]).remove(true);
          yield "ok";
        }
        case "remove-with-volumes" -> {
          engine.containers().get(words[1]).remove(true, true);
          yield "ok";
        }
        case "make-volume" ->
            engine
                .volumes()
                .create(
                    words.length < 3
                        ? VolumeSpec.named(words[1])
                        : VolumeSpec.named(words[1]).withSize(Bytes.parse(words[2])))
                .name();
        case "remove-volume" -> {
          engine.volumes().get(words[1]).remove();
          yield "ok";
        }
        case "make-network" -> engine.networks().create(words[1]).name();
        case "remove-network" -> {
          engine.networks().get(words[1]).remove();
          yield "ok";
        }
        case "connect" -> {
          engine.networks().get(words[1]).connect(engine.containers().get(words[2]));
          yield "ok";
        }
        case "disconnect" -> {
          engine.networks().get(words[1]).disconnect(engine.containers().get(words[2]));
          yield "ok";
        }
        case "prune-volumes" ->
            String.join(",", engine.volumes().prune(VolumeFilter.all()).volumes());
        case "copy-in" -> {
          InputStream endless = new Endless(() -> out.println("copying"));
          engine.containers().get(words[1]).copyIn(endless, "/", CopyOptions.DEFAULTS);
          yield "ok";
        }
        case "soak" ->
            "kept "
                + String.join(
                    ",", Soak.run(engine, Long.parseLong(words[1]), Integer.parseInt(words[2])));
        case "hooks" -> "hooks " + hooks();
        case "halt-at-point" -> {
          haltAtPoint(out, Integer.parseInt(words[1]));
          yield "ok";
        }
        case "halt-at" -> {
          haltAt(out, words[1]::equals);
          yield "ok";
        }
        case "halt-at-step" -> {
          Path pipes = Path.of(words[3]);
          announce(out, pipes, words[1]);
          CrashPoints.haltBefore(
              Integer.parseInt(words[1]),
              Integer.parseInt(words[2]),
              pipes,
              step -> out.println("halted " + step),
              count -> out.println("steps " + count));
          yield "ok";
        }
        default -> throw new IllegalArgumentException(words[0]);
      };
    } catch (Exception | AssertionError e) {
      return "failed " + String.valueOf(e).replace('\n', ' ');
    }
  }

  /** A stream of which nothing comes. */
  private static final class Endless extends InputStream {
    private final Runnable waiting;

    Endless(Runnable waiting) {
      this.waiting = waiting;
    }

    @Override
    public int read() {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] into, int from, int length) {
      waiting.run();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return -1;
    }
  }

  private static ContainerSpecBuilder spec(String[] words) {
    ContainerSpecBuilder spec = EngineFixture.shell(words[3]).name(words[1]);
    if (words[2].contains("detached")) {
      spec.detached();
    }
    if (words[2].contains("limited")) {
      spec.layerLimit(Bytes.mebi(4));
    }
    if (words[2].contains("fleeting")) {
      spec.autoRemove();
    }
    if (words[2].contains("volumes")) {
      spec.mount(Mount.volume("data").at("/etc")).mount(Mount.anonymousVolume().at("/unnamed"));
    }
    if (words[2].contains("network")) {
      spec.network("net");
    }
    if (words[2].contains("linked")) {
      spec.network(NetworkAttachment.to("bridge").withLink("db"));
    }
    if (words[2].contains("bridge")) {
      spec.network("bridge");
    }
    if (words[2].contains("published")) {
      spec.publish("127.0.0.1::8080");
    }
    return spec;
  }

  /** The kinds of threads that the JVM's end starts. */
  private static String hooks() throws ReflectiveOperationException {
    Field field = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
    field.setAccessible(true);
    return ((Map<?, ?>) field.get(null))
        .keySet().stream().map(hook -> hook.getClass().getName()).collect(Collectors.joining(" "));
  }

  /** Says when a supervisor has halted, and keeps it halted as long as this JVM lives. */
  private static void announce(PrintStream out, Path pipes, String position) {
    try {
      RandomAccessFile go = new RandomAccessFile(pipes.resolve("go").toFile(), "rw");
      RandomAccessFile reached = new RandomAccessFile(pipes.resolve("reached").toFile(), "rw");
      Thread listener =
          new Thread(
              () -> {
                try (go;
                    reached) {
                  while (reached.read() >= 0) {
                    out.println("halted " + position);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              "halts");
      listener.setDaemon(true);
      listener.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The thread that comes to the point with this number stays there for ever. */
  private static void haltAtPoint(PrintStream out, int number) {
    AtomicInteger count = new AtomicInteger();
    haltAt(out, point -> count.incrementAndGet() == number);
  }

  private static void haltAt(PrintStream out, Predicate<String> wanted) {
    FaultPoints.listen(
        point -> {
          if (wanted.test(point)) {
            out.println("halted " + point);
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        });
  }
}
