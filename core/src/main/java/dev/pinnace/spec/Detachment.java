package dev.pinnace.spec;

/** Why somebody is attached to a container no more. */
public enum Detachment {
  /** The container has ended for good, and all of its output was handed on. */
  ENDED,

  /** The attachment was closed, be it with its engine; the container goes on. */
  CLOSED,

  /**
   * The consumers fell behind, so that output was lost; the container's log has it. That may have
   * ended meanwhile; while it goes on, attach anew.
   */
  LAGGED
}
