package dev.pinnace.cli;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.tty.PtyPair;
import dev.pinnace.linux.tty.Tty;
import dev.pinnace.linux.tty.WindowSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A call of {@code examples/pinnace} on a terminal of its own, with somebody who types. */
final class OnPty implements AutoCloseable {
  private static final long SECONDS = 60;

  private final PtyPair pair = PtyPair.open();
  private final Fd slave;
  private final StringBuilder seen = new StringBuilder();
  private final Process process;
  private int looked;

  /**
   * Starts the call; {@code setsid -c} makes the terminal its own.
   *
   * @param home where root and run directory are
   */
  OnPty(Path home, int rows, int columns, String... arguments) throws IOException {
    Tty.resize(pair.master(), new WindowSize(rows, columns));
    try (Dir terminals = Dir.open(Path.of("/dev/pts"))) {
      slave = terminals.open(Integer.toString(pair.number()), 2 | 0x100, 0);
    }
    List<String> command = new ArrayList<>(List.of("setsid", "-c", "-w"));
    command.add(Script.program().toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(pair.path().toFile())
            .redirectOutput(pair.path().toFile())
            .redirectError(pair.path().toFile());
    builder.environment().put("PINNACE_ROOT", home.resolve("root").toString());
    builder.environment().put("PINNACE_RUN", home.resolve("run").toString());
    process = builder.start();
    Thread reader = new Thread(this::read, "reader of a terminal");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    byte[] piece = new byte[4096];
    try {
      while (true) {
        int count = pair.master().read(piece, 0, piece.length);
        synchronized (this) {
          seen.append(new String(piece, 0, count, StandardCharsets.UTF_8));
        }
      }
    } catch (ErrnoException | IllegalStateException closed) {
      // the test is over
    }
  }

  private synchronized int find(String text) {
    return seen.indexOf(text, looked);
  }

  private synchronized String shown() {
    return seen.toString();
  }

  /** Waits until that is shown, after what was waited for before. */
  void await(String text) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (find(text) < 0) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no \"" + text + "\" in: " + shown());
      }
      Thread.sleep(10);
    }
    synchronized (this) {
      looked = find(text) + text.length();
    }
  }

  /** Whether that is shown after what was waited for. */
  boolean shows(String text) {
    return find(text) >= 0;
  }

  void type(String text) {
    pair.master().write(text.getBytes(StandardCharsets.UTF_8));
  }

  void resize(int rows, int columns) {
    Tty.resize(pair.master(), new WindowSize(rows, columns));
  }

  /** Whether keys are what they are before any program changes that. */
  boolean isCooked() throws Exception {
    Process stty = new ProcessBuilder("stty", "-a").redirectInput(pair.path().toFile()).start();
    String flags = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return List.of(flags.split("\\s+", -1)).containsAll(List.of("icanon", "echo", "isig", "opost"));
  }

  Process process() {
    return process;
  }

  /** The JVM, which setsid has become, or is the parent of. */
  ProcessHandle jvm() {
    return process.descendants().findFirst().orElse(process.toHandle());
  }

  int code() throws Exception {
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the call does not end: " + shown());
    }
    return process.exitValue();
  }

  String text() {
    return shown();
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    slave.close();
    pair.close();
  }
}
