package dev.pinnace;

import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.RunResult;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Containers of an engine's root. Thread-safe.
 *
 * <p>Methods that take a specification throw {@link dev.pinnace.error.InvalidSpecException} for one
 * that contradicts itself, {@link dev.pinnace.error.UnsupportedException} for what this host cannot
 * do, {@link dev.pinnace.error.NotFoundException} for an image that is not here and {@link
 * dev.pinnace.error.ConflictException} for a name that is taken; then nothing was created.
 */
public interface Containers {
  /** Makes a container that does not run. */
  Container create(ContainerSpec spec);

  /** Makes a container that does not run. */
  default Container create(ContainerSpecBuilder spec) {
    Objects.requireNonNull(spec, "spec");
    return create(spec.build());
  }

  /**
   * Makes a container and starts it; returns when its program runs.
   *
   * @throws dev.pinnace.error.StartFailedException if it cannot be started; it is removed again
   */
  Container start(ContainerSpec spec);

  /** Makes a container and starts it; returns when its program runs. */
  default Container start(ContainerSpecBuilder spec) {
    Objects.requireNonNull(spec, "spec");
    return start(spec.build());
  }

  /**
   * Makes a container and starts it, as {@link #start} does; it is always bound, whatever lifetime
   * {@code spec} has, and removed with {@link ScopedContainer#close}.
   *
   * @throws dev.pinnace.error.InvalidSpecException also if {@code spec} has a restart policy
   */
  ScopedContainer scoped(ContainerSpec spec);

  /** Like {@link #start}, always bound and removed with {@link ScopedContainer#close}. */
  default ScopedContainer scoped(ContainerSpecBuilder spec) {
    Objects.requireNonNull(spec, "spec");
    return scoped(spec.build());
  }

  /** Runs a container to its end, captures its output, and removes it. */
  default RunResult run(ContainerSpec spec) {
    Objects.requireNonNull(spec, "spec");
    return run(spec, RunOptions.DEFAULT);
  }

  /** Runs a container to its end, captures its output, and removes it. */
  default RunResult run(ContainerSpecBuilder spec) {
    Objects.requireNonNull(spec, "spec");
    return run(spec.build());
  }

  /**
   * Runs a container to its end, captures its output, and removes it. Interrupting the caller kills
   * the container. One that its time limit or the limit of its output ends throws nothing: the
   * result's {@linkplain RunResult#status status} says so.
   *
   * @throws dev.pinnace.error.CancelledException when interrupted
   * @throws dev.pinnace.error.InvalidSpecException for a specification that is detached, restarts,
   *     says how its log is kept or what its start waits for
   */
  RunResult run(ContainerSpec spec, RunOptions options);

  /** Runs a container to its end, captures its output, and removes it. */
  default RunResult run(ContainerSpecBuilder spec, RunOptions options) {
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(options, "options");
    return run(spec.build(), options);
  }

  /**
   * The launch plan of a container, printed: every system call between clone and execve. Nothing is
   * left of it.
   */
  String explain(ContainerSpec spec);

  /** The launch plan of a container, printed. */
  default String explain(ContainerSpecBuilder spec) {
    Objects.requireNonNull(spec, "spec");
    return explain(spec.build());
  }

  /**
   * The container of that name, id, or unique prefix of an id.
   *
   * @throws dev.pinnace.error.NotFoundException if there is none
   * @throws dev.pinnace.error.ConflictException if the prefix fits several
   */
  Container get(String nameOrIdPrefix);

  /** The container of that name, id, or unique prefix of an id. */
  Optional<Container> find(String nameOrIdPrefix);

  /**
   * The containers that {@code filter} lets through, newest first. One whose record is damaged is
   * not among them: it hides no other, is logged as a warning, and is one of {@link #damaged}. One
   * that runs and cannot be asked, because its supervisor is stopped or stuck (5 s are waited for
   * all together) or has as many connections as it can serve, is listed as running, without pid and
   * start, and is logged as a warning; {@link Container#inspect} says what is the matter.
   */
  List<ContainerState> list(ContainerFilter filter);

  /** All containers, as {@link #list(ContainerFilter)} has them. */
  default List<ContainerState> list() {
    return list(ContainerFilter.all());
  }

  /**
   * Removes the containers that {@code filter} lets through and that do not run. One that somebody
   * starts meanwhile stays, and so does one that somebody still uses in this JVM or another: whose
   * output a {@link #run} has yet to read, or whose {@link ScopedContainer} is not closed.
   */
  PruneReport prune(ContainerFilter filter);

  /**
   * Containers whose record cannot be read: it is damaged, or of a newer Pinnace. Their handles say
   * why, for {@link Container#inspect} throws {@link dev.pinnace.error.CorruptException}, and
   * {@link Container#remove remove} them if forced; everything else about them is refused.
   */
  List<Container> damaged();
}
