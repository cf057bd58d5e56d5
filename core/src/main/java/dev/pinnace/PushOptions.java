package dev.pinnace;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.spec.Platform;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How an image is pushed. Immutable.
 *
 * @param platform which image of an index is pushed alone; one that is not for it is refused with
 *     {@link dev.pinnace.error.NotFoundException}; by default the index with everything, or the one
 *     image of it that is here
 * @param progress hears how far each blob is, on a thread of its own and one call at a time; by
 *     default nobody. One that takes its time misses what is no longer true, and slows nothing; one
 *     that throws is logged and hears no more. The last of a blob may come after the push has ended
 */
public record PushOptions(
    Optional<Platform> platform, Optional<Consumer<? super TransferProgress>> progress) {
  /** The defaults above. */
  public static final PushOptions DEFAULTS = new PushOptions(Optional.empty(), Optional.empty());

  /** The same for one platform. */
  public PushOptions withPlatform(Platform wanted) {
    Objects.requireNonNull(wanted, "wanted");
    return new PushOptions(Optional.of(wanted), progress);
  }

  /** The same with a listener. */
  public PushOptions withProgress(Consumer<? super TransferProgress> listener) {
    Objects.requireNonNull(listener, "listener");
    return new PushOptions(platform, Optional.of(listener));
  }
}
