package dev.pinnace.spi.storage;

import dev.pinnace.error.UnsupportedException;
import java.nio.file.Path;

/**
 * Makes drivers of one kind. Found by {@link java.util.ServiceLoader}: declared in {@code
 * module-info} and in {@code META-INF/services}. Implementations are stateless and thread-safe.
 */
public interface StorageDriverProvider {
  /** The name that users choose by, such as {@code overlayfs}: lower-case letters and digits. */
  String name();

  /**
   * Which of several drivers that work is taken where nobody chose: the highest. {@code overlayfs}
   * answers 100, {@code vfs} 0.
   */
  int preference();

  /**
   * Finds out whether the driver works below {@code directory}, by doing there what it would do and
   * removing it again. Never throws for something that is missing: that is the answer.
   *
   * @param directory where layers would live; it is created when it is not there
   */
  StorageProbe probe(Path directory, StorageOptions options);

  /**
   * Opens a driver without probing again.
   *
   * @param directory where its layers live, {@code <root>/layers/<name>}; created when it is not
   *     there
   * @throws UnsupportedException if the options ask for what this driver cannot do
   */
  StorageDriver open(Path directory, StorageOptions options);
}
