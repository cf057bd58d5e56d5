package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a container may do, as a builder collects it: {@link SecuritySpec}. */
abstract class SecurityOptions<B> extends LimitOptions<B> {
  private static final int LONGEST_PROFILE = 1_000;

  private boolean privileged;
  private final List<String> capAdd = new ArrayList<>();
  private final List<String> capDrop = new ArrayList<>();
  private @Nullable String seccomp;
  private boolean seccompUnconfined;
  private final List<String> maskedPaths = new ArrayList<>();
  private final List<String> readOnlyPaths = new ArrayList<>();
  private boolean noNewPrivileges;
  private boolean maskPaths = true;
  private @Nullable String apparmor;

  /**
   * Every capability but those that are dropped, no seccomp filter, nothing masked, the host's
   * devices: every node in /dev and the directories below it.
   */
  public B privileged() {
    if (seccomp != null) {
      throw conflict("privileged", "a seccomp profile");
    }
    this.privileged = true;
    return self();
  }

  /**
   * Adds capabilities to Docker's fourteen: with or without {@code CAP_}, {@code ALL} for every one
   * (capabilities(7)).
   *
   * @throws InvalidSpecException for a name that no kernel knows
   */
  public B capAdd(String... names) {
    Objects.requireNonNull(names, "names");
    CapabilityNames.check(names);
    capAdd.addAll(List.of(names));
    return self();
  }

  /**
   * Takes capabilities away: with or without {@code CAP_}, {@code ALL} for every one, but for those
   * that are added. With {@code ALL} added, or {@link #privileged}, those that are named here are
   * taken from all.
   *
   * @throws InvalidSpecException for a name that no kernel knows
   */
  public B capDrop(String... names) {
    Objects.requireNonNull(names, "names");
    CapabilityNames.check(names);
    capDrop.addAll(List.of(names));
    return self();
  }

  /** A seccomp profile as text in Docker's JSON format, instead of the default one. */
  public B seccomp(String profile) {
    Objects.requireNonNull(profile, "profile");
    if (privileged || seccompUnconfined) {
      throw conflict("a seccomp profile", privileged ? "privileged" : "seccompUnconfined");
    }
    this.seccomp = profile;
    return self();
  }

  /** Loads no seccomp filter. */
  public B seccompUnconfined() {
    if (seccomp != null) {
      throw conflict("seccompUnconfined", "a seccomp profile");
    }
    this.seccompUnconfined = true;
    return self();
  }

  /** Setuid programs and file capabilities grant nothing. */
  public B noNewPrivileges() {
    this.noNewPrivileges = true;
    return self();
  }

  /**
   * The AppArmor profile that its programs run under, those of an exec too, also where it is
   * privileged. By default they have the engine's own, which usually is none.
   *
   * @param profile its name, as the kernel lists it; it must be loaded when the container is
   *     created and when it starts. On a host without AppArmor that is refused. {@code unconfined}
   *     is none, everywhere
   * @throws InvalidSpecException for what cannot be a name
   */
  public B apparmor(String profile) {
    Objects.requireNonNull(profile, "profile");
    if (profile.isBlank()
        || profile.length() > LONGEST_PROFILE
        || profile.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw new InvalidSpecException(
          "the name of an AppArmor profile has 1 to "
              + LONGEST_PROFILE
              + " characters on one line: give that of one that is loaded, or unconfined");
    }
    this.apparmor = profile;
    return self();
  }

  /** Leaves kernel files in /proc and /sys visible and writable as far as capabilities allow. */
  public B unmaskPaths() {
    this.maskPaths = false;
    return self();
  }

  /**
   * Hides further files and directories, those of Docker apart: of a file nothing is left to read,
   * of a directory nothing to find. What is not there is left out.
   *
   * @throws InvalidSpecException if one is not absolute, or the root
   */
  public B maskedPath(String... paths) {
    maskedPaths.addAll(checked("a masked path", paths));
    return self();
  }

  /**
   * Makes further files and directories read-only, with all that is mounted below them. What is not
   * there is left out.
   *
   * @throws InvalidSpecException if one is not absolute, or the root
   */
  public B readOnlyPath(String... paths) {
    readOnlyPaths.addAll(checked("a read-only path", paths));
    return self();
  }

  private static List<String> checked(String what, String... paths) {
    Objects.requireNonNull(paths, "paths");
    List<String> checked = new ArrayList<>();
    for (String path : paths) {
      Objects.requireNonNull(path, "path");
      Checks.noNul(what, path);
      String normal = path.replaceAll("/+", "/").replaceFirst("(?<=.)/$", "");
      if (!normal.startsWith("/")
          || normal.equals("/")
          || (normal + "/").matches(".*/\\.\\.?/.*")) {
        throw new InvalidSpecException(
            what + " is absolute, without . and .., and not the root: \"" + path + "\" is not");
      }
      checked.add(normal);
    }
    return checked;
  }

  final SecuritySpec security() {
    return new SecuritySpec(
        privileged,
        capAdd,
        capDrop,
        Optional.ofNullable(seccomp),
        seccompUnconfined,
        noNewPrivileges,
        maskPaths,
        maskedPaths,
        readOnlyPaths,
        Optional.ofNullable(apparmor));
  }
}
