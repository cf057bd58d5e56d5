package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A name that a container alone has for another one of a network, see {@link
 * NetworkAttachment#withLink(ContainerLink)}. Immutable.
 *
 * @param container the other one. On the default bridge its name or the beginning of its id, and of
 *     a container that is there the whole id; elsewhere whatever it goes by in the network when it
 *     is asked for, or its whole id
 * @param alias what it is called
 */
public record ContainerLink(String container, String alias) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_]([a-zA-Z0-9._-]{0,252})");

  public ContainerLink {
    check("the container of a link", container);
    check("the alias of a link", alias);
  }

  private static void check(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidSpecException(
          what
              + " cannot be \""
              + name
              + "\": it has letters, digits, dots, hyphens and underscores");
    }
  }

  /** To that container, which is called as it is. */
  public static ContainerLink to(String container) {
    Objects.requireNonNull(container, "container");
    return new ContainerLink(container, container);
  }

  /**
   * Reads {@code NAME} or {@code NAME:ALIAS}, as {@code --link} takes it.
   *
   * @throws InvalidSpecException if it is neither
   */
  public static ContainerLink parse(String text) {
    Objects.requireNonNull(text, "text");
    String[] parts = text.split(":", -1);
    if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
      throw new InvalidSpecException(
          "the link \"" + text + "\" is none: write NAME or NAME:ALIAS, as in db:database");
    }
    return new ContainerLink(parts[0], parts[parts.length - 1]);
  }

  /** The same container by another name. */
  public ContainerLink as(String newAlias) {
    Objects.requireNonNull(newAlias, "newAlias");
    return new ContainerLink(container, newAlias);
  }

  /** As it is written: {@code NAME:ALIAS}. */
  @Override
  public String toString() {
    return container + ":" + alias;
  }
}
