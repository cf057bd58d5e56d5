package dev.pinnace.linux.plan;

/**
 * A launch plan exceeds a limit of docs/formats.md, <i>Launch plan</i>, which the message names.
 */
public final class PlanTooLargeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  PlanTooLargeException(String message) {
    this(message, "fewer mounts, devices, arguments or variables are needed");
  }

  PlanTooLargeException(String message, String remedy) {
    super(message + ": " + remedy);
  }
}
