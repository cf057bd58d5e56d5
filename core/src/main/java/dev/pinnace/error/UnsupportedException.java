package dev.pinnace.error;

/**
 * This host cannot do what was asked for: {@link #feature()} names what is missing, {@link
 * #reason()} says why, {@link #fix()} what would bring it.
 */
public final class UnsupportedException extends PinnaceException {
  private static final long serialVersionUID = 1L;

  private final String feature;
  private final String reason;
  private final String fix;

  public UnsupportedException(String feature, String reason, String fix) {
    super(feature + " is not available: " + reason + (fix.isEmpty() ? "" : "; " + fix));
    this.feature = feature;
    this.reason = reason;
    this.fix = fix;
  }

  /** What is missing. */
  public String feature() {
    return feature;
  }

  /** Why it is missing. */
  public String reason() {
    return reason;
  }

  /** What to do about it; empty where nothing helps. */
  public String fix() {
    return fix;
  }
}
