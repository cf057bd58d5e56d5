package dev.pinnace.spi.volume;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the files of volumes. An engine has those that {@link java.util.ServiceLoader} finds, and
 * those that {@link dev.pinnace.Pinnace.Builder#volumeDriver} gives it; every JVM that works with
 * volumes of a driver on one root has the driver.
 *
 * <p>The engine knows which volumes there are, and who uses them: it asks for one to be {@linkplain
 * #create created} before that is listed, to be {@linkplain #mount mounted} before each start of a
 * container that has it, to be {@linkplain #unmount unmounted} once that has ended, and to be
 * {@linkplain #remove removed} when no container has it. These are Docker's calls of the same names
 * (VolumeDriver.Create and so on of its plugin protocol). A JVM can be killed between any two of
 * them: so all may be asked for again, and to do what is done already is no error.
 *
 * <p>What a method throws ends what was asked of the engine, with the name of the driver and of the
 * volume before the message. Methods are called by several threads, and JVMs, at once: for one
 * volume too, but never with one user twice.
 */
public interface VolumeDriver {
  /**
   * What users choose it by: a letter or digit, then letters, digits, dots, hyphens and {@code _}.
   */
  String name();

  /**
   * Makes a volume. One of that name that is there already stays as it is.
   *
   * @param options as they were given; those that it does not know are to be refused
   */
  void create(String volume, Map<String, String> options);

  /** Removes a volume, which nobody uses, with its files. One that is not there is gone already. */
  void remove(String volume);

  /**
   * Has the files of a volume ready for a container, on this host, until {@link #unmount} with the
   * same user.
   *
   * @param user the id of the container, or of what fills, measures or archives the volume; another
   *     one may use it already
   * @return the absolute path of a directory that is there, to be bound in the container
   */
  Path mount(String volume, String user);

  /** A user has ended. It may have ended before, or never have begun. */
  void unmount(String volume, String user);

  /**
   * Where the files of a volume are on this host, for {@code inspect}; nowhere by default, as where
   * it is not mounted.
   */
  default Optional<Path> path(String volume) {
    return Optional.empty();
  }
}
