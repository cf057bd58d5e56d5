package dev.pinnace.spi.isolation;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.oci.RuntimeProcess;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Stats;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A connection to a container that runs. Thread-safe; closing it leaves the container alone. */
public interface RunningContainer extends AutoCloseable {
  /** Where it lives. */
  ContainerPlace place();

  /**
   * Completes when it has ended for good; empty when its supervisor was killed and nobody knows how
   * it ended.
   */
  CompletableFuture<Optional<ExitRecord>> exit();

  /** Completes when its supervisor is gone and has removed what it had made. */
  CompletableFuture<Void> gone();

  /** What it is doing. */
  Status status();

  /**
   * The process that keeps it, also between two of its runs, as this JVM sees it; empty if there is
   * none, as by default.
   *
   * @throws dev.pinnace.error.ConflictException if it has ended
   */
  default OptionalInt keeper() {
    return OptionalInt.empty();
  }

  /**
   * A path under which this JVM reaches the network namespace that it was {@linkplain
   * RunRequest#inNetwork given}, also between two of its runs; while its {@linkplain #keeper
   * keeper} lives. Empty if the backend cannot tell, as by default.
   *
   * @throws dev.pinnace.error.ConflictException if it has ended
   */
  default Optional<Path> network() {
    return Optional.empty();
  }

  /** Sends a signal to its first process. */
  void signal(Signal signal);

  /** Asks it to stop; empty values are the policy's. Returns at once; see {@link #exit}. */
  void stop(Optional<Signal> signal, Optional<Duration> grace);

  /**
   * All of its processes by pid.
   *
   * @throws UnsupportedException if the backend cannot tell, as by default
   * @throws dev.pinnace.error.ConflictException if it has no first process now
   */
  default List<ProcessInfo> processes() {
    throw new UnsupportedException(
        "listing the processes of a container",
        "its isolation backend cannot do that",
        "use another backend");
  }

  /**
   * What it uses now.
   *
   * @throws UnsupportedException if the backend cannot tell, as by default
   * @throws dev.pinnace.error.ConflictException if it has ended, or is only beginning
   */
  default Stats stats() {
    throw new UnsupportedException(
        "counting what a container uses",
        "its isolation backend cannot do that",
        "use another backend");
  }

  /**
   * The TCP ports that are listened on in its network namespace, at whatever address; none while it
   * has no first process.
   *
   * @throws UnsupportedException if the backend cannot tell, as by default
   */
  default Set<Integer> listening() {
    throw new UnsupportedException(
        "telling which ports a container listens on",
        "its isolation backend cannot do that",
        "use another backend, or wait for a line of its log");
  }

  /**
   * Sends bytes to a TCP port of the loopback in its network namespace.
   *
   * @param limit how many bytes of the answer will do
   * @param timeout of it all
   * @return what the answer begins with; nothing where nobody answers in time
   * @throws UnsupportedException if the backend cannot do that, as by default
   */
  default byte[] ask(int port, byte[] request, int limit, Duration timeout) {
    throw new UnsupportedException(
        "asking a server in a container",
        "its isolation backend cannot do that",
        "use another backend, or wait for a line of its log");
  }

  /**
   * Sets its limits at once, and for restarts by its policy; what they do not name is limited no
   * more. All are set, or none. Nothing is done where it has ended.
   *
   * @throws UnsupportedException if the host cannot enforce one, or the backend cannot do that, as
   *     by default
   * @throws dev.pinnace.error.InvalidSpecException if the kernel refuses one
   * @throws dev.pinnace.error.ConflictException if it uses more memory than it would have
   */
  default void limit(RuntimeConfig.Resources limits) {
    throw new UnsupportedException(
        "changing the limits of a container that runs",
        "its isolation backend cannot do that",
        "stop the container, or use another backend");
  }

  /**
   * Gives it another restart policy from now on.
   *
   * @throws UnsupportedException if the backend cannot do that, as by default
   * @throws dev.pinnace.error.ConflictException if it has ended
   */
  default void restartBy(RestartPolicy policy) {
    throw new UnsupportedException(
        "changing the restart policy of a container that runs",
        "its isolation backend cannot do that",
        "stop the container, or use another backend");
  }

  /** Freezes or thaws all of its processes; returns when that is done. */
  void freeze(boolean frozen);

  /**
   * Starts a further process; returns when it runs.
   *
   * @param container as it was started
   * @param stdin what it reads; it is not closed. Empty for nothing
   * @param tie what it has to do with this process
   */
  RunningExec exec(
      RunRequest container,
      RuntimeProcess process,
      Optional<String> seccomp,
      Optional<InputStream> stdin,
      ExecTie tie);

  /**
   * Ends a further process with those that it has started: SIGKILL, to the first one alone where
   * the backend knows no others, as by default. One that has ended is left as it is.
   *
   * @param exec of this connection
   */
  default void killTree(RunningExec exec) {
    if (!exec.exit().isDone()) {
      exec.signal(Signal.KILL);
    }
  }

  /**
   * Calls {@code grown} with the size of all output so far whenever there is more of it, until the
   * result is closed.
   */
  AutoCloseable follow(LongConsumer grown);

  /**
   * Hands on the output of a container that was {@linkplain RunRequest#attached started attached},
   * byte for byte, until the result is closed; once. While a consumer works on a piece nothing more
   * is read of its stream, so that a container which writes faster than that waits.
   *
   * @param stdout gets pieces of standard output, an empty one at the end
   * @param stderr gets pieces of standard error, an empty one at the end
   * @param executor where they are called
   * @throws IllegalStateException if it was not started attached by this connection, or at the
   *     second call
   */
  AutoCloseable output(Consumer<byte[]> stdout, Consumer<byte[]> stderr, Executor executor);

  /**
   * Attaches somebody to a container that was started by whomever.
   *
   * @throws UnsupportedException if the backend, or the supervisor of a container that was started
   *     by an older version, cannot do that
   * @throws dev.pinnace.error.ConflictException if it has ended, or too many are attached
   */
  default RunningAttachment attach(AttachRequest request) {
    throw new UnsupportedException(
        "attaching to a container", "its isolation backend cannot do that", "read its logs");
  }

  /**
   * Who was attached as it started, see {@link RunRequest#attachment}; empty if nobody was, or this
   * connection did not start it.
   */
  default Optional<RunningAttachment> attachment() {
    return Optional.empty();
  }

  /** Its root directory as this process reaches it; close it. */
  OpenRoot root();

  @Override
  void close();

  /**
   * What a container is doing.
   *
   * @param phase in words
   * @param pid of its first process as this JVM sees it
   * @param restarts so far
   * @param started the present run
   * @param lastEnd how the run before ended, or in {@link Phase#RESTARTING} the last; empty before
   *     one did, or if the backend does not tell
   */
  record Status(
      Phase phase,
      OptionalInt pid,
      int restarts,
      Optional<Instant> started,
      Optional<ExitRecord> lastEnd) {}

  /** Phases of a supervisor's work. */
  enum Phase {
    STARTING,
    RUNNING,
    PAUSED,
    RESTARTING,
    ENDING,
    EXITED
  }

  /** An open root directory. */
  interface OpenRoot extends AutoCloseable {
    /** A path under which this process reaches it. */
    Path path();

    /**
     * Whether it is still what the container has: once that has ended nothing is mounted there any
     * more, and what is written goes to a place that nobody looks at.
     */
    boolean isCurrent();

    @Override
    void close();
  }
}
