package dev.pinnace.internal.layer;

import java.io.IOException;
import java.util.Optional;

/** Is told what a container has changed; a directory comes before what is in it. */
interface DiffSink {
  /** Whether a file or directory of that path can be told at all. */
  boolean takes(String path);

  /** The root directory's owner, permissions or attributes. */
  void root(Found now) throws IOException;

  /**
   * A directory that is new or changed, or has changes in it.
   *
   * @param isNew whether nothing was there below
   */
  void directory(String path, Found now, boolean isNew) throws IOException;

  /**
   * A directory that shows nothing of the one below, after {@link #directory} of it; whether that
   * is all there is to say. Otherwise what the one below had is told one by one.
   */
  boolean opaque(String path) throws IOException;

  /** Anything else that is new or changed. */
  void file(String path, Found now, Optional<Found> before) throws IOException;

  /** What was there and is not any more. */
  void deleted(String path) throws IOException;
}
