package dev.pinnace.internal.isolation.linux.supervisor;

import java.time.Duration;

/** How long a supervisor's answer is waited for. */
public final class Replies {
  /**
   * A supervisor that does not answer in this time is stuck. Longer than the 30 s that it gives a
   * start: its answer names the step that took so long.
   */
  public static final Duration LIMIT = Duration.ofSeconds(45);

  private Replies() {}
}
