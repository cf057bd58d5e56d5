package dev.pinnace.spec;

/** What to wait for of a container. */
public enum WaitCondition {
  /** That it does not run, and is not about to run again: its end, or what was before. */
  NOT_RUNNING,
  /** The next end of a run, also of one that has yet to begin, or to be followed by another. */
  NEXT_EXIT,
  /** That it is removed. */
  REMOVED
}
