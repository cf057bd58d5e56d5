package dev.pinnace.spi.isolation;

/** What a further process has to do with the connection that starts it. */
public enum ExecTie {
  /** Its output comes here. It goes on without this connection. */
  OUTPUT,
  /** The same, but it is killed with this connection, also when its JVM is killed. */
  LIFE,
  /** Nothing: its output goes nowhere. */
  NONE
}
