package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What runs in a container, as a builder collects it: {@link ProcessSpec}. */
abstract class ProcessOptions<B> extends SpecOptions<B> {
  private @Nullable List<String> entrypoint;
  private List<String> command = List.of();
  private final Map<String, String> env = new LinkedHashMap<>();
  private final Set<String> unsetEnv = new LinkedHashSet<>();
  private @Nullable String workdir;
  private @Nullable String user;
  private final List<String> groups = new ArrayList<>();
  private boolean init;
  private boolean terminal;
  private boolean stdinOpen;
  private boolean stdinOnce;
  private final List<Ulimit> ulimits = new ArrayList<>();
  private OptionalInt oomScoreAdj = OptionalInt.empty();

  /**
   * Replaces the image's entrypoint; no argument removes it. The image's command goes too, as with
   * Docker.
   */
  public B entrypoint(String... program) {
    Objects.requireNonNull(program, "program");
    this.entrypoint = words("entrypoint", program);
    return self();
  }

  /** Replaces the image's command. */
  public B command(String... arguments) {
    Objects.requireNonNull(arguments, "arguments");
    this.command = words("command", arguments);
    return self();
  }

  /** Replaces the image's command. */
  public B command(List<String> arguments) {
    return command(arguments.toArray(String[]::new));
  }

  /**
   * Sets a variable over the image's.
   *
   * @throws InvalidSpecException for an empty name, one that holds =, and a NUL
   */
  public B env(String variable, String value) {
    Objects.requireNonNull(variable, "variable");
    Objects.requireNonNull(value, "value");
    Checks.variable(variable, value);
    env.put(variable, value);
    unsetEnv.remove(variable);
    return self();
  }

  /**
   * Takes a variable away that the image has, or every container: {@code PATH}, {@code HOSTNAME},
   * {@code TERM}. {@code HOME} is that of the user then. Of this and {@link #env(String, String)}
   * the later call counts.
   *
   * @throws InvalidSpecException for an empty name, one that holds =, and a NUL
   */
  public B unsetEnv(String variable) {
    Objects.requireNonNull(variable, "variable");
    Checks.variable(variable, "");
    env.remove(variable);
    unsetEnv.add(variable);
    return self();
  }

  /** Sets variables over the image's. */
  public B env(Map<String, String> variables) {
    variables.forEach(this::env);
    return self();
  }

  /** Replaces the image's working directory; an absolute path, made if it is missing. */
  public B workdir(String directory) {
    Checks.workdir(directory);
    this.workdir = directory;
    return self();
  }

  /** As whom: {@code name}, {@code uid}, {@code name:group} or {@code uid:gid}. */
  public B user(String newUser) {
    Objects.requireNonNull(newUser, "newUser");
    Checks.noNul("the user", newUser);
    this.user = newUser;
    return self();
  }

  /** Further groups, by name or number. */
  public B groups(String... more) {
    Objects.requireNonNull(more, "more");
    groups.addAll(List.of(more));
    return self();
  }

  /** Runs a small process 1 that reaps orphans and passes signals on. */
  public B init() {
    this.init = true;
    return self();
  }

  /**
   * Gives it a terminal (pty(7)) of its own, as its standard streams, {@code /dev/console} and
   * controlling terminal; with {@code TERM=xterm} unless the image or {@link #env} sets another.
   * All of its output is standard output then.
   */
  public B terminal() {
    this.terminal = true;
    return self();
  }

  /**
   * Lets those who are attached to it feed it: without a terminal, its standard input is a pipe
   * that has no end as long as it runs.
   */
  public B stdinOpen() {
    this.stdinOpen = true;
    return self();
  }

  /**
   * The same until the first of them sends no more, or detaches: then it reads the end of its
   * standard input. It gets another when it is started again. A terminal has no such end.
   */
  public B stdinOnce() {
    this.stdinOnce = true;
    return stdinOpen();
  }

  /**
   * Limits each of its processes (setrlimit(2)); one limit of a kind.
   *
   * @throws InvalidSpecException for a second one of the same kind
   */
  public B ulimit(Ulimit limit) {
    Objects.requireNonNull(limit, "limit");
    ulimits.stream()
        .filter(known -> known.name().equals(limit.name()))
        .findFirst()
        .ifPresent(
            known -> {
              throw conflict("ulimit " + limit, known.toString());
            });
    ulimits.add(limit);
    return self();
  }

  /** -1000 to 1000. */
  public B oomScoreAdj(int adjustment) {
    if (adjustment < -1000 || adjustment > 1000) {
      throw new InvalidSpecException(
          "oom_score_adj lies between -1000 and 1000, not at " + adjustment);
    }
    this.oomScoreAdj = OptionalInt.of(adjustment);
    return self();
  }

  private static List<String> words(String what, String... words) {
    List<String> list = List.of(words);
    Checks.noNuls("an argument of the " + what, list);
    return list;
  }

  final ProcessSpec process() {
    return new ProcessSpec(
        Optional.ofNullable(entrypoint),
        command,
        env,
        unsetEnv,
        Optional.ofNullable(workdir),
        Optional.ofNullable(user),
        groups,
        init,
        terminal,
        stdinOpen,
        stdinOnce,
        ulimits,
        oomScoreAdj);
  }
}
