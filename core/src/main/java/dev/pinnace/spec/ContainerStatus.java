package dev.pinnace.spec;

import java.util.Locale;

/** What a container is doing. */
public enum ContainerStatus {
  CREATED,
  RUNNING,
  PAUSED,
  RESTARTING,
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
