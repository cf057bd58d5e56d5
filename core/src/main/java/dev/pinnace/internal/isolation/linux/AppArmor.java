package dev.pinnace.internal.isolation.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.oci.RuntimeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * AppArmor profiles of programs (kernel: Documentation/admin-guide/LSM/apparmor.rst): whether this
 * host has them, and the one that is asked for.
 */
final class AppArmor {
  private static final String NONE = "unconfined";
  private static final AppArmor HERE = new AppArmor(Path.of("/"));

  private final Path enabled;
  private final Path profiles;
  private final Path own;

  /** Of a host whose files lie there. */
  AppArmor(Path host) {
    this.enabled = host.resolve("sys/module/apparmor/parameters/enabled");
    this.profiles = host.resolve("sys/kernel/security/apparmor/profiles");
    this.own = host.resolve("proc/self/attr/apparmor/current");
  }

  /** As {@link #of}, on this host. */
  static RuntimeProcess had(RuntimeProcess process) {
    return HERE.of(process);
  }

  /** Whether it is there and switched on; otherwise why not. */
  static Optional<String> obstacle() {
    return HERE.isOn() ? Optional.empty() : Optional.of(HERE.lack());
  }

  /**
   * The process with the profile that has to be set for it: none where it has that anyway.
   *
   * @throws UnsupportedException if one is wanted and there is no AppArmor
   * @throws InvalidSpecException if it is not loaded
   */
  RuntimeProcess of(RuntimeProcess process) {
    if (process.apparmorProfile().isEmpty()) {
      return process;
    }
    String profile = process.apparmorProfile().get();
    if (profile.equals(NONE)) {
      boolean confined = isOn() && !text(own).strip().equals(NONE);
      return confined ? process : process.withApparmorProfile(Optional.empty());
    }
    if (!isOn()) {
      throw new UnsupportedException(
          "the AppArmor profile " + profile, lack(), "boot with apparmor=1, or leave it out");
    }
    if (isMissing(profile)) {
      throw new InvalidSpecException(
          "the AppArmor profile "
              + profile
              + " is not loaded: load it first (apparmor_parser -r FILE), or use unconfined");
    }
    return process;
  }

  private boolean isOn() {
    return Files.isReadable(enabled) && text(enabled).startsWith("Y");
  }

  private String lack() {
    return Files.exists(enabled) ? "AppArmor is switched off here" : "this kernel has no AppArmor";
  }

  /**
   * Whether it is known not to be there: the list is root's, and does not have what is in
   * namespaces of AppArmor. What is not known here the kernel says when the container starts.
   */
  private boolean isMissing(String profile) {
    return Files.isReadable(profiles)
        && !profile.startsWith(":")
        && text(profiles).lines().noneMatch(line -> line.startsWith(profile + " ("));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot find out about AppArmor", e);
    }
  }
}
