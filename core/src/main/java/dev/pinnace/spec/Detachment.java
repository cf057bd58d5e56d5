package dev.pinnace.spec;

/** Why somebody is attached to a container no more. */
public enum Detachment {
  /**
   * The container has ended for good. All of its output was handed on, unless the consumers had
   * fallen behind before its end; its log has the rest.
   */
  ENDED,

  /** The attachment was closed, be it with its engine; the container goes on. */
  CLOSED,

  /** The consumers fell behind, so that output was lost; the container goes on. Attach anew. */
  LAGGED
}
