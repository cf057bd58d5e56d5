package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;
import java.util.regex.Pattern;

/** What containers can be called. */
public final class ContainerName {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}");

  private ContainerName() {}

  /**
   * The same name.
   *
   * @throws InvalidSpecException if no container can have it: those can that begin with a letter or
   *     digit, to which letters, digits, {@code _ . -} are added, 2 to 128 of ASCII in all
   */
  public static String requireValid(String name) {
    Objects.requireNonNull(name, "name");
    if (!NAME.matcher(name).matches()) {
      throw new InvalidSpecException(
          "\""
              + name
              + "\" cannot name a container: 2 to 128 characters of a-z A-Z 0-9 _ . - are allowed,"
              + " the first a letter or digit");
    }
    return name;
  }
}
