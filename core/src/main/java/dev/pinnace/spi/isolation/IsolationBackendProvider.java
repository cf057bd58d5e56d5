package dev.pinnace.spi.isolation;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.spec.HostFeature;
import java.util.Optional;

/**
 * Makes backends of one kind. Found by {@link java.util.ServiceLoader}: declared in {@code
 * module-info} and in {@code META-INF/services}. Implementations are stateless and thread-safe.
 */
public interface IsolationBackendProvider {
  /** The name that users choose by, such as {@code linux}: lower-case letters and digits. */
  String name();

  /**
   * Which of several backends that work is taken where nobody chose: the highest. {@code linux}
   * answers 100.
   */
  int preference();

  /**
   * Why the backend can run no container at all here, with what to do about it; empty where it can.
   * Asked whenever an engine opens, so it must be quick: what single containers may lack is told by
   * {@link IsolationBackend#probe}. Never throws for something that is missing.
   */
  Optional<HostFeature> obstacle();

  /**
   * Opens a backend for one engine, which closes it.
   *
   * @throws UnsupportedException if it cannot work here after all
   */
  IsolationBackend open(IsolationOptions options);
}
