package dev.pinnace;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.spec.Platform;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How an image is pulled. Immutable.
 *
 * @param platform which image of an index is taken; by default this host's
 * @param progress hears how far each layer is, on a thread of its own and one call at a time; by
 *     default nobody. One that takes its time misses what is no longer true, and slows nothing; one
 *     that throws is logged and hears no more. The last of a layer may come after the pull has
 *     ended
 */
public record PullOptions(
    Optional<Platform> platform, Optional<Consumer<? super TransferProgress>> progress) {
  /** The defaults above. */
  public static final PullOptions DEFAULTS = new PullOptions(Optional.empty(), Optional.empty());

  /** The same for another platform. */
  public PullOptions withPlatform(Platform wanted) {
    Objects.requireNonNull(wanted, "wanted");
    return new PullOptions(Optional.of(wanted), progress);
  }

  /** The same with a listener. */
  public PullOptions withProgress(Consumer<? super TransferProgress> listener) {
    Objects.requireNonNull(listener, "listener");
    return new PullOptions(platform, Optional.of(listener));
  }
}
