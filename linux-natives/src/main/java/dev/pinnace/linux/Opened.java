package dev.pinnace.linux;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was opened so far on the way to something larger: closed again, the last first, unless the
 * whole comes about. Not thread-safe.
 *
 * <pre>{@code
 * try (Opened opened = new Opened()) {
 *   left = opened.add(Pipe.open());
 *   right = opened.add(Pipe.open());
 *   opened.keep();
 * }
 * }</pre>
 */
public final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  /** Will close {@code resource}. */
  public <T extends AutoCloseable> T add(T resource) {
    resources.push(resource);
    return resource;
  }

  /** From now on they belong to the whole. */
  public void keep() {
    resources.clear();
  }

  /**
   * Closes all of them, also after one could not be.
   *
   * @throws IllegalStateException if one could not be closed
   */
  @Override
  public void close() {
    IllegalStateException failure = null;
    while (!resources.isEmpty()) {
      AutoCloseable resource = resources.pop();
      try {
        resource.close();
      } catch (Exception e) {
        IllegalStateException another = new IllegalStateException("cannot close " + resource, e);
        if (failure == null) {
          failure = another;
        } else {
          failure.addSuppressed(another);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
