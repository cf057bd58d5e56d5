package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Names of two or three characters for layers: {@code l/7k -> ../<chain hex>/diff}. Changed only
 * while the store's lock is held.
 */
final class ShortLinks {
  static final String DIRECTORY = "l";
  private static final int DIGITS = 36;
  private static final int SHORT = DIGITS * DIGITS;
  private static final int ATTEMPTS = 64;

  private final Dir store;

  ShortLinks(Dir store) {
    this.store = store;
  }

  /** Makes a link to a layer that is about to appear: its name. */
  String assign(String hex) {
    for (int attempt = 0; ; attempt++) {
      int range = attempt < ATTEMPTS / 2 ? SHORT : SHORT * DIGITS;
      int width = range == SHORT ? 2 : 3;
      String digits = Integer.toString(ThreadLocalRandom.current().nextInt(range), DIGITS);
      String name = "0".repeat(width - digits.length()) + digits;
      try {
        store.symlink("../" + hex + "/" + OverlayDriver.DIFF, DIRECTORY + "/" + name);
        return name;
      } catch (ErrnoException refusal) {
        if (!refusal.is(Errno.EEXIST) || attempt == ATTEMPTS) {
          throw refusal;
        }
      }
    }
  }

  void remove(String name) {
    try {
      store.unlink(DIRECTORY + "/" + name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  /** Removes links of layers that never appeared or are gone: how many. */
  int recover() {
    int removed = 0;
    try (Dir links = store.openDir(DIRECTORY)) {
      for (String name : links.list()) {
        String target = links.readLink(name);
        String layer = target.startsWith("../") ? target.substring("../".length()) : target;
        if (!store.exists(layer)) {
          links.unlink(name);
          removed++;
        }
      }
    }
    return removed;
  }
}
