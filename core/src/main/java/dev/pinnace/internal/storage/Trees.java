package dev.pinnace.internal.storage;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spi.storage.Usage;

/** Whole trees: how much they hold, and their removal. */
public final class Trees {
  private static final int ROUNDS = 16;

  private Trees() {}

  /** What a tree takes, its root included. */
  public static Usage usage(Dir tree) {
    return TreeUsage.of(tree);
  }

  /**
   * Removes {@code name} and everything below it, also while another process does the same. What is
   * not there is fine.
   */
  public static void remove(Dir parent, String name) {
    for (int round = 1; ; round++) {
      try {
        parent.removeTree(name);
        if (!parent.exists(name)) {
          return;
        }
      } catch (ErrnoException refusal) {
        if (round == ROUNDS || !refusal.is(Errno.ENOENT, Errno.ENOTEMPTY)) {
          throw refusal;
        }
      }
      if (round == ROUNDS) {
        throw new ErrnoException("unlinkat", Errno.ENOTEMPTY, parent + "/" + name);
      }
    }
  }
}
