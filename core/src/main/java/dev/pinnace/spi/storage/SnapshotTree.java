package dev.pinnace.spi.storage;

import java.nio.file.Path;

/**
 * An open directory that shows a layer or a container's files. Where several layers are shown
 * together it is a mount that is attached nowhere: neither the host nor any container sees it, and
 * it ends with {@link #close}. Making such a mount needs CAP_SYS_ADMIN in this process.
 *
 * <p>Symbolic links inside are the image's and may point anywhere: resolve below {@link #path} with
 * openat2(RESOLVE_IN_ROOT), never by plain path names.
 */
public interface SnapshotTree extends AutoCloseable {
  /**
   * The root directory: {@code /proc/self/fd/N} or an absolute path. Valid in this process until
   * closed.
   */
  Path path();

  /** Lets go of the directory. Closing twice does nothing. */
  @Override
  void close();
}
