package dev.pinnace.oci;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code process} of the runtime-spec: a program, and as whom and how it runs. Immutable.
 *
 * @param terminal whether it gets a terminal
 * @param consoleSize of that terminal when the program begins; empty leaves it 0 by 0
 * @param user numeric ids
 * @param args argv; the first is looked up in PATH unless it holds a slash
 * @param env {@code NAME=value}
 * @param cwd absolute
 * @param capabilities its sets, names with {@code CAP_}
 * @param rlimits per-process limits
 * @param noNewPrivileges whether execve(2) may never grant more
 * @param oomScoreAdj -1000 to 1000; empty leaves the supervisor's, 0
 * @param apparmorProfile that its program runs under; empty leaves the engine's
 */
public record RuntimeProcess(
    boolean terminal,
    Optional<ConsoleSize> consoleSize,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    Optional<Integer> oomScoreAdj,
    Optional<String> apparmorProfile) {
  public RuntimeProcess {
    args = List.copyOf(args);
    env = List.copyOf(env);
    rlimits = List.copyOf(rlimits);
  }

  /**
   * The size of a terminal in characters.
   *
   * @param height its rows
   * @param width its columns
   */
  public record ConsoleSize(int height, int width) {}

  /** The same with another size of its terminal. */
  public RuntimeProcess withConsoleSize(Optional<ConsoleSize> size) {
    return new RuntimeProcess(
        terminal,
        size,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        oomScoreAdj,
        apparmorProfile);
  }

  /** The same with other variables. */
  public RuntimeProcess withEnv(List<String> variables) {
    return new RuntimeProcess(
        terminal,
        consoleSize,
        user,
        args,
        variables,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        oomScoreAdj,
        apparmorProfile);
  }

  /** The same under another AppArmor profile, or under the engine's. */
  public RuntimeProcess withApparmorProfile(Optional<String> profile) {
    return new RuntimeProcess(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        oomScoreAdj,
        profile);
  }

  /** The same in another working directory, without limits, a profile or a terminal of its own. */
  public RuntimeProcess unlimitedAt(String directory) {
    return new RuntimeProcess(
        false,
        Optional.empty(),
        user,
        args,
        env,
        directory,
        capabilities,
        List.of(),
        noNewPrivileges,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * As whom.
   *
   * @param uid user
   * @param gid group
   * @param umask of the new process
   * @param additionalGids further groups
   */
  public record User(long uid, long gid, int umask, List<Long> additionalGids) {
    /** User 0, group 0, umask 022. */
    public static final User ROOT = new User(0, 0, 022, List.of());

    public User {
      additionalGids = List.copyOf(additionalGids);
    }
  }

  /**
   * Capability sets; names with {@code CAP_}.
   *
   * @param bounding what can ever be had
   * @param effective in force
   * @param inheritable kept over execve(2)
   * @param permitted that may be put in force
   * @param ambient kept by programs without file capabilities
   */
  public record Capabilities(
      Set<String> bounding,
      Set<String> effective,
      Set<String> inheritable,
      Set<String> permitted,
      Set<String> ambient) {
    public Capabilities {
      bounding = Set.copyOf(bounding);
      effective = Set.copyOf(effective);
      inheritable = Set.copyOf(inheritable);
      permitted = Set.copyOf(permitted);
      ambient = Set.copyOf(ambient);
    }

    /**
     * {@code names} in bounding, and for user 0 in effective and permitted; nothing inheritable or
     * ambient (CVE-2022-29162). Another user would lose what it has by execve(2), which must not be
     * permitted by it either.
     */
    public static Capabilities of(Set<String> names, long uid) {
      Set<String> held = uid == 0 ? names : Set.of();
      return new Capabilities(names, held, Set.of(), held, Set.of());
    }
  }

  /**
   * A limit of setrlimit(2).
   *
   * @param type {@code RLIMIT_NOFILE} and so on
   * @param hard ceiling; -1 is unlimited
   * @param soft in force; -1 is unlimited
   */
  public record Rlimit(String type, long hard, long soft) {}
}
