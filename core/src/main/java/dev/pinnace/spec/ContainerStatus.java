package dev.pinnace.spec;

import java.util.Locale;

/** What a container is doing. */
public enum ContainerStatus {
  /** It has never run; also while its first start sets it up. */
  CREATED,

  /** Its program runs, or has ended and its last output is being read. */
  RUNNING,

  /** The same, standing still. */
  PAUSED,

  /**
   * It has run, and is to run again: its restart policy waits, or it is being set up anew, be it by
   * its policy, by {@code start} or by {@code restart}.
   */
  RESTARTING,

  /** It has run, and does not. */
  EXITED;

  /** In lower case, as Docker prints it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it has processes, or will soon have them again. */
  public boolean isAlive() {
    return this == RUNNING || this == PAUSED || this == RESTARTING;
  }
}
