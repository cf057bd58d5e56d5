package dev.pinnace.examples.cli;

import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Ulimit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Flags that say what runs in a container, and as whom. */
final class ProcessOptions {
  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "Set an environment variable; without a value, the caller's, or none.")
  private List<String> env = new ArrayList<>();

  @Option(
      names = "--env-file",
      paramLabel = "FILE",
      description = "Read environment variables, one a line.")
  private List<Path> envFiles = new ArrayList<>();

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "Working directory in the container.")
  private Optional<String> workdir = Optional.empty();

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "Names or numbers; a number is never looked up as a name.")
  private Optional<String> user = Optional.empty();

  @Option(names = "--group-add", paramLabel = "GROUP", description = "Join a further group.")
  private List<String> groups = new ArrayList<>();

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "Replace the image's entrypoint; \"\" removes it.")
  private Optional<String> entrypoint = Optional.empty();

  @Option(names = "--init", description = "Run a process 1 that reaps and passes signals on.")
  private boolean init;

  @Option(
      names = "--ulimit",
      paramLabel = "NAME=SOFT[:HARD]",
      description = "Limit each process, as in nofile=1024:2048.")
  private List<String> ulimits = new ArrayList<>();

  @Option(
      names = "--oom-score-adj",
      paramLabel = "N",
      description = "-1000 (spared) to 1000 (first) when memory runs out.")
  private Optional<Integer> oomScoreAdj = Optional.empty();

  /** Scripts write what is so anyway. */
  @Option(
      names = "--oom-kill-disable",
      hidden = true,
      description = "false, for there is no other way.")
  private boolean oomKillDisable;

  @Option(
      names = "--memory-swappiness",
      paramLabel = "N",
      hidden = true,
      description = "-1, for there is no other way.")
  private long swappiness = -1;

  void addTo(ContainerSpecBuilder spec) {
    if (oomKillDisable) {
      throw MissingFlags.refusal("--oom-kill-disable");
    }
    if (swappiness != -1) {
      throw MissingFlags.refusal("--memory-swappiness");
    }
    envFiles.forEach(file -> Assignments.file(file, spec::env));
    Assignments.variables(env, spec::env, spec::unsetEnv);
    workdir.filter(dir -> !dir.isEmpty()).ifPresent(spec::workdir);
    user.map(ProcessOptions::whole).filter(u -> !u.isEmpty()).ifPresent(spec::user);
    groups.forEach(spec::groups);
    entrypoint.ifPresent(e -> spec.entrypoint(e.isEmpty() ? new String[0] : new String[] {e}));
    if (init) {
      spec.init();
    }
    ulimits.forEach(u -> spec.ulimit(Ulimit.parse(u)));
    oomScoreAdj.ifPresent(spec::oomScoreAdj);
  }

  /** As with Docker, no user before the colon is root, and no group after it is the user's. */
  private static String whole(String user) {
    if (user.length() > 1 && user.startsWith(":")) {
      return "0" + user;
    }
    return user.endsWith(":") ? user.substring(0, user.length() - 1) : user;
  }
}
