package dev.pinnace.spec;

/** Whether a container ends with the engine that started it. Fixed when it is created. */
public enum Lifetime {
  /**
   * Ends with its engine: {@code close()} stops it, the death of the JVM kills it within a second.
   */
  BOUND,
  /** Has no owner and outlives the JVM; any engine on the same root can use and end it. */
  DETACHED
}
