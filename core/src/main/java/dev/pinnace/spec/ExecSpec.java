package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A further program in a running container. Immutable; {@link #of} takes the container's user,
 * environment and working directory, and has no time limit. Without a program, with a working
 * directory that is not absolute, with a variable whose name is empty or holds =, with text that
 * holds a NUL, or with a time limit that is not positive there is none: that is an {@link
 * InvalidSpecException}.
 *
 * @param command the program and its arguments
 * @param env added to the container's
 * @param unsetEnv variables of the container's that it does not have
 * @param workdir absolute, and there: an exec makes no directories; the container's by default
 * @param user as {@link ProcessSpec#user}, with a home of its own unless HOME was chosen, and with
 *     the {@link ProcessSpec#groups} that were added to the container; the container's by default
 * @param privileged with every capability and without a seccomp filter
 * @param terminal whether it has a terminal of its own, all of whose output is standard output; its
 *     input has no end then
 * @param stdin what it reads; nothing by default
 * @param timeout the longest it may run by the wall clock, from its start; then it is killed
 * @param outputLimit how much of its output is kept where it is captured, both streams together, up
 *     to 2 GiB; 16 MiB by default. What is more is counted and dropped; consumers get everything
 */
public record ExecSpec(
    List<String> command,
    Map<String, String> env,
    Set<String> unsetEnv,
    Optional<String> workdir,
    Optional<String> user,
    boolean privileged,
    boolean terminal,
    Optional<byte[]> stdin,
    Optional<Duration> timeout,
    Bytes outputLimit) {
  public ExecSpec {
    if (command.isEmpty()) {
      throw new InvalidSpecException("an exec needs a program");
    }
    Checks.noNuls("an argument of the exec", command);
    env.forEach(Checks::variable);
    unsetEnv.forEach(name -> Checks.variable(name, ""));
    workdir.ifPresent(Checks::workdir);
    user.ifPresent(name -> Checks.noNul("the user", name));
    timeout.ifPresent(ExecSpec::checkTimeout);
    Objects.requireNonNull(outputLimit, "outputLimit");
    command = List.copyOf(command);
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    unsetEnv = Set.copyOf(unsetEnv);
    stdin = stdin.map(byte[]::clone);
  }

  private static void checkTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new InvalidSpecException(
          "the time limit of an exec must be positive: " + timeout + "; leave it out for none");
    }
  }

  public static ExecSpec of(String... command) {
    Objects.requireNonNull(command, "command");
    return new ExecSpec(
        List.of(command),
        Map.of(),
        Set.of(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        RunOptions.DEFAULT.outputLimit());
  }

  public ExecSpec withEnv(String variable, String value) {
    Objects.requireNonNull(variable, "variable");
    Objects.requireNonNull(value, "value");
    Map<String, String> more = new LinkedHashMap<>(env);
    more.put(variable, value);
    Set<String> unset = new LinkedHashSet<>(unsetEnv);
    unset.remove(variable);
    return withEnv(more, unset);
  }

  /**
   * Without a variable that the container has. Of this and {@link #withEnv} the later call counts.
   */
  public ExecSpec withoutEnv(String variable) {
    Objects.requireNonNull(variable, "variable");
    Map<String, String> fewer = new LinkedHashMap<>(env);
    fewer.remove(variable);
    Set<String> unset = new LinkedHashSet<>(unsetEnv);
    unset.add(variable);
    return withEnv(fewer, unset);
  }

  private ExecSpec withEnv(Map<String, String> newEnv, Set<String> unset) {
    return new ExecSpec(
        command, newEnv, unset, workdir, user, privileged, terminal, stdin, timeout, outputLimit);
  }

  public ExecSpec withWorkdir(String directory) {
    Objects.requireNonNull(directory, "directory");
    return new ExecSpec(
        command,
        env,
        unsetEnv,
        Optional.of(directory),
        user,
        privileged,
        terminal,
        stdin,
        timeout,
        outputLimit);
  }

  public ExecSpec withUser(String newUser) {
    Objects.requireNonNull(newUser, "newUser");
    return new ExecSpec(
        command,
        env,
        unsetEnv,
        workdir,
        Optional.of(newUser),
        privileged,
        terminal,
        stdin,
        timeout,
        outputLimit);
  }

  public ExecSpec withPrivileges() {
    return new ExecSpec(
        command, env, unsetEnv, workdir, user, true, terminal, stdin, timeout, outputLimit);
  }

  /** Gives it a terminal, with {@code TERM=xterm} unless the container has another. */
  public ExecSpec withTerminal() {
    return new ExecSpec(
        command, env, unsetEnv, workdir, user, privileged, true, stdin, timeout, outputLimit);
  }

  public ExecSpec withStdin(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new ExecSpec(
        command,
        env,
        unsetEnv,
        workdir,
        user,
        privileged,
        terminal,
        Optional.of(bytes),
        timeout,
        outputLimit);
  }

  /**
   * Kills it with SIGKILL when it, or its output, has not ended after that time. Processes that it
   * has started itself go on; what they write then is not waited for.
   *
   * @throws InvalidSpecException if it is not positive
   */
  public ExecSpec withTimeout(Duration longest) {
    Objects.requireNonNull(longest, "longest");
    return new ExecSpec(
        command,
        env,
        unsetEnv,
        workdir,
        user,
        privileged,
        terminal,
        stdin,
        Optional.of(longest),
        outputLimit);
  }

  /** Keeps so much of its output where that is captured, and counts the rest. */
  public ExecSpec withOutputLimit(Bytes limit) {
    Objects.requireNonNull(limit, "limit");
    return new ExecSpec(
        command, env, unsetEnv, workdir, user, privileged, terminal, stdin, timeout, limit);
  }
}
