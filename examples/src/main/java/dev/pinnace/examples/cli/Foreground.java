package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.LogQuery;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import dev.pinnace.spec.Signal;
import java.io.FileDescriptor;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;

/** Runs a container in the foreground: passes its output and our signals on. */
final class Foreground {
  private static final Bytes MOST_CAPTURED = Bytes.mebi(256);
  private static final Duration LAST_LINES = Duration.ofSeconds(10);

  private final PrintWriter out;
  private final PrintWriter err;

  Foreground(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /** Starts the container and stays until it has ended; returns its exit code. */
  @SuppressWarnings("try") // the signals are passed on for as long as the block lasts
  int run(Container container) {
    LogQuery fromNow = LogQuery.all().since(Instant.now());
    container.start();
    LogPrinter printer = new LogPrinter(out, err, false);
    try (SignalProxy signals = SignalProxy.to(container::kill);
        Subscription lines =
            container
                .logs()
                .follow(
                    fromNow,
                    line -> {
                      printer.print(line);
                      if (out.checkError()) {
                        container.kill(Signal.KILL);
                        throw new PinnaceException("nobody reads standard output any more");
                      }
                    })) {
      ExitStatus status = container.await();
      if (!lines.await(LAST_LINES)) {
        err.println("pinnace: the last lines of " + container.name() + " did not come");
      }
      return code(status);
    }
  }

  private int code(ExitStatus status) {
    if (status.outOfMemory()) {
      err.println("pinnace: the kernel killed it: it was out of memory");
    }
    if (status.timedOut()) {
      err.println("pinnace: killed at its time limit");
    }
    if (!status.isKnown()) {
      err.println("pinnace: nobody knows how it ended: " + status.remark());
      return Failures.OURS;
    }
    return status.code();
  }

  /**
   * Reads all of standard input, then runs a container with it. Its output is passed on at its end,
   * byte for byte.
   */
  static int capture(Pinnace pinnace, ContainerSpec spec) {
    byte[] stdin = Streams.standardInput();
    RunOptions options = RunOptions.DEFAULT.withStdin(stdin).withOutputLimit(MOST_CAPTURED);
    RunResult result = pinnace.containers().run(spec, options);
    Streams.write(FileDescriptor.out, result.stdoutBytes());
    Streams.write(FileDescriptor.err, result.stderrBytes());
    if (result.dropped() > 0) {
      throw new PinnaceException(
          result.dropped() + " bytes of output beyond " + MOST_CAPTURED + " are lost");
    }
    return result.exitCode();
  }
}
