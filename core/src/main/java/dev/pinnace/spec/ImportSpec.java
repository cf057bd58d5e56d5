package dev.pinnace.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How an image is made of the files of a tar. Immutable; {@link #unnamed} starts with the defaults.
 *
 * @param reference the image's name; none by default
 * @param message what its history says; {@code Imported from -} by default
 * @param changes instructions of a Dockerfile that set its configuration: {@code CMD ENTRYPOINT ENV
 *     EXPOSE HEALTHCHECK LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR}; none by default
 * @param platform what its programs run on; this host's by default
 */
public record ImportSpec(
    Optional<String> reference,
    Optional<String> message,
    List<String> changes,
    Optional<Platform> platform) {
  public ImportSpec {
    changes = List.copyOf(changes);
  }

  /** An image without a name. */
  public static ImportSpec unnamed() {
    return new ImportSpec(Optional.empty(), Optional.empty(), List.of(), Optional.empty());
  }

  /** An image of that name. */
  public static ImportSpec named(String reference) {
    Objects.requireNonNull(reference, "reference");
    return new ImportSpec(Optional.of(reference), Optional.empty(), List.of(), Optional.empty());
  }

  public ImportSpec withMessage(String text) {
    Objects.requireNonNull(text, "text");
    return new ImportSpec(reference, Optional.of(text), changes, platform);
  }

  /** With one more instruction, such as {@code CMD ["sh"]}. */
  public ImportSpec withChange(String instruction) {
    Objects.requireNonNull(instruction, "instruction");
    List<String> more = new ArrayList<>(changes);
    more.add(instruction);
    return new ImportSpec(reference, message, more, platform);
  }

  public ImportSpec withPlatform(Platform other) {
    Objects.requireNonNull(other, "other");
    return new ImportSpec(reference, message, changes, Optional.of(other));
  }
}
