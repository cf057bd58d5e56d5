package dev.pinnace.spec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a container's processes may do. {@link #DEFAULT} is Docker's default profile.
 *
 * @param privileged every capability this engine has but those in {@code capDrop}, no seccomp
 *     filter, nothing masked, the host's devices
 * @param capAdd capabilities besides the default fourteen; {@code ALL} for every one
 * @param capDrop capabilities to take away; {@code ALL} for every one
 * @param seccomp the text of a profile in Docker's JSON format; empty for the default one
 * @param seccompUnconfined whether no filter is loaded
 * @param noNewPrivileges whether execve(2) may never grant more, by setuid bits for example
 * @param maskPaths whether kernel files that tell about the host are hidden and made read-only
 * @param ownMaskedPaths what is hidden besides
 * @param ownReadOnlyPaths what is made read-only besides
 * @param apparmor the AppArmor profile that its programs run under, or {@code unconfined}; empty
 *     leaves them the engine's, which usually is none
 */
public record SecuritySpec(
    boolean privileged,
    List<String> capAdd,
    List<String> capDrop,
    Optional<String> seccomp,
    boolean seccompUnconfined,
    boolean noNewPrivileges,
    boolean maskPaths,
    List<String> ownMaskedPaths,
    List<String> ownReadOnlyPaths,
    Optional<String> apparmor) {
  /**
   * Docker's default: fourteen capabilities, its seccomp profile, paths masked, setuid programs
   * allowed.
   */
  public static final SecuritySpec DEFAULT =
      new SecuritySpec(
          false,
          List.of(),
          List.of(),
          Optional.empty(),
          false,
          false,
          true,
          List.of(),
          List.of(),
          Optional.empty());

  private static final List<String> MASKED =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  public SecuritySpec {
    capAdd = List.copyOf(capAdd);
    capDrop = List.copyOf(capDrop);
    ownMaskedPaths = List.copyOf(ownMaskedPaths);
    ownReadOnlyPaths = List.copyOf(ownReadOnlyPaths);
  }

  /**
   * All paths that are hidden: those of Docker, unless it is privileged or they are unmasked, and
   * its own.
   */
  public List<String> maskedPaths() {
    return together(MASKED, ownMaskedPaths);
  }

  /** All paths that are read-only besides, likewise. */
  public List<String> readOnlyPaths() {
    return together(READ_ONLY, ownReadOnlyPaths);
  }

  private List<String> together(List<String> usual, List<String> own) {
    return Stream.concat(maskPaths && !privileged ? usual.stream() : Stream.of(), own.stream())
        .distinct()
        .toList();
  }
}
