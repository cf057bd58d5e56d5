package dev.pinnace.linux.plan;

import java.util.Locale;

/** The parts of a plan, in the order of their numbers in the format (docs/formats.md). */
public enum Section {
  /** In the spawned process, before it clones the supervisor. */
  ENTER,
  /** Once in the supervisor: what lives as long as the container. */
  PREPARE,
  /** In the supervisor, at each run. */
  BEFORE,
  /** In a fork that joins kept namespaces and ends with the clone. */
  STAGE,
  /** In the new process, up to {@code execve}. */
  CHILD,
  /** In the supervisor, after the last exit. */
  TEARDOWN;

  /** The name as the rendering shows it. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
