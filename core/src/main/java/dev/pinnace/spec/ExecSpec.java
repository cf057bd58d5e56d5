package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A further program in a running container. Immutable; {@link #of} takes the container's user,
 * environment and working directory. Without a program, with a working directory that is not
 * absolute, with a variable whose name is empty or holds =, or with text that holds a NUL there is
 * none: that is an {@link InvalidSpecException}.
 *
 * @param command the program and its arguments
 * @param env added to the container's
 * @param workdir absolute, and there: an exec makes no directories; the container's by default
 * @param user as {@link ProcessSpec#user}, with a home of its own unless HOME was chosen; the
 *     container's by default
 * @param privileged with every capability and without a seccomp filter
 * @param stdin what it reads; nothing by default
 */
public record ExecSpec(
    List<String> command,
    Map<String, String> env,
    Optional<String> workdir,
    Optional<String> user,
    boolean privileged,
    Optional<byte[]> stdin) {
  public ExecSpec {
    if (command.isEmpty()) {
      throw new InvalidSpecException("an exec needs a program");
    }
    Checks.noNuls("an argument of the exec", command);
    env.forEach(Checks::variable);
    workdir.ifPresent(Checks::workdir);
    user.ifPresent(name -> Checks.noNul("the user", name));
    command = List.copyOf(command);
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    stdin = stdin.map(byte[]::clone);
  }

  public static ExecSpec of(String... command) {
    Objects.requireNonNull(command, "command");
    return new ExecSpec(
        List.of(command), Map.of(), Optional.empty(), Optional.empty(), false, Optional.empty());
  }

  public ExecSpec withEnv(String variable, String value) {
    Objects.requireNonNull(variable, "variable");
    Objects.requireNonNull(value, "value");
    Map<String, String> more = new LinkedHashMap<>(env);
    more.put(variable, value);
    return new ExecSpec(command, more, workdir, user, privileged, stdin);
  }

  public ExecSpec withWorkdir(String directory) {
    Objects.requireNonNull(directory, "directory");
    return new ExecSpec(command, env, Optional.of(directory), user, privileged, stdin);
  }

  public ExecSpec withUser(String newUser) {
    Objects.requireNonNull(newUser, "newUser");
    return new ExecSpec(command, env, workdir, Optional.of(newUser), privileged, stdin);
  }

  public ExecSpec withPrivileges() {
    return new ExecSpec(command, env, workdir, user, true, stdin);
  }

  public ExecSpec withStdin(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new ExecSpec(command, env, workdir, user, privileged, Optional.of(bytes));
  }
}
