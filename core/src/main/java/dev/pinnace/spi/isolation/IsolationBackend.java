package dev.pinnace.spi.isolation;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeConfig;
import dev.pinnace.spec.HostFeature;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Starts containers and keeps them in view. Thread-safe. */
public interface IsolationBackend extends AutoCloseable {
  /** The name that users choose by. */
  String name();

  /** What this host can do, tried rather than guessed. */
  List<HostFeature> probe();

  /** The capabilities that a container can have here, as in {@code CAP_CHOWN}. */
  Set<String> capabilities();

  /**
   * Whether the container could be started as far as can be told without starting it.
   *
   * @throws UnsupportedException if the host lacks what it needs
   * @throws InvalidSpecException if it contradicts itself
   */
  void check(RunRequest request);

  /**
   * Whether limits could be enforced here, as {@link #check} tells of those of a container. By
   * default nothing is looked at.
   *
   * @throws UnsupportedException if the host lacks what they need
   */
  default void checkLimits(RuntimeConfig.Resources limits) {}

  /** What {@link #start} would do, for people to read. */
  String explain(RunRequest request);

  /**
   * Starts the program; returns when it runs.
   *
   * @param recorded completes when the container's state is safe on disk: until then the program
   *     waits
   * @throws StartFailedException if a step fails; nothing is left behind
   * @throws ConflictException if it runs already
   */
  RunningContainer start(RunRequest request, CompletionStage<?> recorded);

  /**
   * Mounts the root file system of a container that does not run, with everything that would be
   * mounted in it, where no other process sees that; nothing of the container is executed. It ends
   * with the result's {@code close}, or with this engine.
   *
   * @param request the container; its place is one that no other container has
   * @throws StartFailedException if a step fails; nothing is left behind
   * @throws UnsupportedException if the backend cannot do that, as by default
   */
  default RunningContainer.OpenRoot mount(RunRequest request) {
    throw new UnsupportedException(
        "the files of a container that does not run",
        "its isolation backend cannot mount them",
        "start the container, or use another backend");
  }

  /** Connects to a container that runs, whoever started it; empty if it does not run. */
  Optional<RunningContainer> adopt(ContainerPlace place);

  /** Whether it runs; never waits. */
  boolean isAlive(ContainerPlace place);

  /**
   * Kills the supervisor of a container, and by that the container, where it answers nobody: it is
   * stopped, or stuck. {@link #cleanUp} is the caller's to do once it is {@linkplain #isAlive
   * gone}.
   *
   * @return false if it was not found, or may not be killed
   */
  boolean killSupervisor(ContainerPlace place);

  /** The exit record, if one was written. */
  Optional<ExitRecord> exitRecord(ContainerPlace place);

  /**
   * Removes what a killed supervisor left in the kernel, its cgroup above all. The container must
   * not run.
   */
  void cleanUp(ContainerPlace place);

  /** Ends every container that is bound to this engine, and the threads. */
  @Override
  void close();
}
