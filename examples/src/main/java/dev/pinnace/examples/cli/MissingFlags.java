package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.util.Map;
import java.util.Optional;

/** Flags that Docker has and Pinnace does not: why, and what to do instead. */
final class MissingFlags {
  private static final String NETWORKS =
      "a network has subnets, gateways, ranges, labels and an MTU of 1500 here, IPv6 where it is asked"
          + " for, and no options of drivers";
  private static final String LINKS =
      "a link goes with its container, or when that is disconnected from the network and connected"
          + " again: network disconnect bridge NAME";
  private static final String GLOBAL = "it goes before the subcommand: pinnace %s DIR COMMAND";
  private static final String REAL_TIME =
      "cgroup v2 has no share of real-time processor time: use --ulimit rtprio=N with --cap-add"
          + " SYS_NICE, or --cpu-shares";

  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("--link-local-ip", NETWORKS),
          Map.entry("create --opt", NETWORKS),
          Map.entry("create -o", NETWORKS),
          Map.entry("connect --driver-opt", NETWORKS),
          Map.entry(
              "connect --gw-priority",
              "the default route is the first network's that is not internal: connect them in that"
                  + " order"),
          Map.entry("--aux-address", NETWORKS),
          Map.entry("--ipam-driver", NETWORKS),
          Map.entry("--attachable", NETWORKS),
          Map.entry("rm -l", LINKS),
          Map.entry("rm --link", LINKS),
          Map.entry("--cpu-rt-period", REAL_TIME),
          Map.entry("--cpu-rt-runtime", REAL_TIME),
          Map.entry(
              "--memory-swappiness",
              "cgroup v2 has no swappiness of one cgroup, only the host's (vm.swappiness): limit"
                  + " the swap with --memory-swap"),
          Map.entry(
              "--kernel-memory",
              "cgroup v2 counts the kernel's memory with that of the programs: --memory limits"
                  + " both"),
          Map.entry(
              "--oom-kill-disable",
              "cgroup v2 always kills where memory runs out: raise --memory, or have the program"
                  + " spared with --oom-score-adj -1000"),
          Map.entry(
              "--gpus",
              "no vendor's runtime is called that would bring drivers: give the GPU's nodes with"
                  + " --device, as in --device /dev/dri/renderD128, and its libraries with -v"),
          Map.entry(
              "--runtime",
              "Pinnace isolates containers itself, with no runc or other runtime: leave it out"),
          Map.entry("--isolation", "it chooses between kinds of Windows containers: leave it out"),
          Map.entry(
              "--disable-content-trust",
              "signatures are not looked at, digests always are: leave it out, or name the image"
                  + " with its digest"),
          Map.entry(
              "--use-api-socket",
              "there is no daemon, and so no socket of one to be given to a container: leave it"
                  + " out"),
          Map.entry("--uidmap", "use --userns-map UID:GID:SIZE"),
          Map.entry("--root", GLOBAL.formatted("--root")),
          Map.entry("--run", GLOBAL.formatted("--run")),
          Map.entry("--storage-driver", GLOBAL.formatted("--storage-driver")));

  private MissingFlags() {}

  /** That a flag is known, and only what is so anyway can be asked for. */
  static InvalidSpecException refusal(String flag) {
    return new InvalidSpecException(flag + ": " + HINTS.get(flag));
  }

  /** What is to be said of a flag of that subcommand that is not there; empty for no idea. */
  static Optional<String> hint(String command, String flag) {
    return Optional.ofNullable(HINTS.getOrDefault(command + " " + flag, HINTS.get(flag)));
  }
}
