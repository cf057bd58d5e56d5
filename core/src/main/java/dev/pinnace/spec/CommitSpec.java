package dev.pinnace.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How an image is made of a container. Immutable; {@link #unnamed} starts with the defaults.
 *
 * @param reference the image's name; none by default
 * @param author who makes it; nobody by default
 * @param message what its history says of it; nothing by default
 * @param changes instructions of a Dockerfile that change its configuration, as {@link
 *     ImportSpec#changes}; none by default
 * @param pause whether a running container stands still meanwhile, so that the image has the files
 *     of one moment; true by default
 */
public record CommitSpec(
    Optional<String> reference,
    Optional<String> author,
    String message,
    List<String> changes,
    boolean pause) {
  public CommitSpec {
    changes = List.copyOf(changes);
  }

  /** An image without a name. */
  public static CommitSpec unnamed() {
    return new CommitSpec(Optional.empty(), Optional.empty(), "", List.of(), true);
  }

  /** An image of that name. */
  public static CommitSpec named(String reference) {
    Objects.requireNonNull(reference, "reference");
    return new CommitSpec(Optional.of(reference), Optional.empty(), "", List.of(), true);
  }

  public CommitSpec withAuthor(String name) {
    Objects.requireNonNull(name, "name");
    return new CommitSpec(reference, Optional.of(name), message, changes, pause);
  }

  public CommitSpec withMessage(String text) {
    Objects.requireNonNull(text, "text");
    return new CommitSpec(reference, author, text, changes, pause);
  }

  /** With one more instruction, such as {@code ENV A=b}. */
  public CommitSpec withChange(String instruction) {
    Objects.requireNonNull(instruction, "instruction");
    List<String> more = new ArrayList<>(changes);
    more.add(instruction);
    return new CommitSpec(reference, author, message, more, pause);
  }

  /** While the container runs on. What it writes meanwhile may be there in part. */
  public CommitSpec withoutPause() {
    return new CommitSpec(reference, author, message, changes, false);
  }
}
