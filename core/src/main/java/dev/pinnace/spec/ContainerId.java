package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;

/**
 * A container's identity.
 *
 * @param hex 64 lower-case hex digits
 */
public record ContainerId(String hex) {
  public ContainerId {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new InvalidSpecException(
          "\"" + hex + "\" is not a container's id: 64 lower-case hex digits are needed");
    }
  }

  /** The first twelve digits, as lists show them. */
  public String shortHex() {
    return hex.substring(0, 12);
  }

  @Override
  public String toString() {
    return hex;
  }
}
