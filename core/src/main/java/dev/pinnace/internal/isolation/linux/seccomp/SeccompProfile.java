package dev.pinnace.internal.isolation.linux.seccomp;

import dev.pinnace.linux.Kernel.Architecture;
import dev.pinnace.linux.seccomp.Abi;
import dev.pinnace.linux.seccomp.ArgumentCondition;
import dev.pinnace.linux.seccomp.SeccompAction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A seccomp profile as Docker defines it: the {@code linux.seccomp} object of the OCI runtime-spec
 * with conditions on capabilities, architecture and kernel.
 *
 * @param defaultAction what happens to a call that no rule matches
 * @param architectures constants such as {@code SCMP_ARCH_X86} that apply to every host
 * @param archMap further architectures by the constant of the native one
 * @param rules in the order of the document
 * @param flags of seccomp(2), as bits
 */
public record SeccompProfile(
    SeccompAction defaultAction,
    List<String> architectures,
    Map<String, List<String>> archMap,
    List<Rule> rules,
    int flags) {
  public SeccompProfile {
    architectures = List.copyOf(architectures);
    archMap = Map.copyOf(archMap);
    rules = List.copyOf(rules);
  }

  /**
   * What happens to some calls.
   *
   * @param names of calls; those that no ABI of the host has are passed over, as libseccomp does
   * @param conditions on arguments; all must hold, unless an argument occurs twice: then, as in
   *     runc, any of them
   * @param includes all must hold for the rule to count
   * @param excludes none must hold for the rule to count
   */
  public record Rule(
      List<String> names,
      SeccompAction action,
      List<ArgumentCondition> conditions,
      Filter includes,
      Filter excludes) {
    public Rule {
      names = List.copyOf(names);
      conditions = List.copyOf(conditions);
    }

    /** Whether the rule counts on a host for a container. */
    boolean applies(Set<String> capabilities, Architecture architecture, KernelVersion kernel) {
      boolean excluded =
          excludes.arches().contains(architecture.ociName())
              || excludes.caps().stream().anyMatch(capabilities::contains)
              || excludes.minKernel().filter(kernel::atLeast).isPresent();
      return !excluded
          && (includes.arches().isEmpty() || includes.arches().contains(architecture.ociName()))
          && capabilities.containsAll(includes.caps())
          && includes.minKernel().map(kernel::atLeast).orElse(true);
    }
  }

  /**
   * Conditions of a rule on container and host.
   *
   * @param caps capability names with {@code CAP_}, of the bounding set
   * @param arches names as Docker writes them: {@code amd64}, {@code arm64}
   * @param minKernel this kernel or a newer one
   */
  public record Filter(Set<String> caps, Set<String> arches, Optional<KernelVersion> minKernel) {
    /** No condition. */
    static final Filter NONE = new Filter(Set.of(), Set.of(), Optional.empty());

    public Filter {
      caps = Set.copyOf(caps);
      arches = Set.copyOf(arches);
    }
  }

  /**
   * Reads a profile.
   *
   * @param json the document's text
   * @throws dev.pinnace.error.InvalidSpecException when it is no JSON or no profile, with the place
   * @throws dev.pinnace.error.UnsupportedException when it needs a listener (SCMP_ACT_NOTIFY)
   */
  public static SeccompProfile parse(String json) {
    return ProfileReader.read(json);
  }

  /** Whether calls of an ABI other than the native one are filtered by rules too. */
  boolean lists(Abi abi, Abi nativeAbi) {
    return architectures.contains(abi.constant())
        || archMap.getOrDefault(nativeAbi.constant(), List.of()).contains(abi.constant());
  }
}
