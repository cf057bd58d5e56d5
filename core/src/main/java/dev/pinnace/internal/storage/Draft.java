package dev.pinnace.internal.storage;

import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * A directory that is being filled, with a lock that is free once its process is gone. Closing
 * removes what is still there.
 */
public final class Draft implements AutoCloseable {
  static final String LOCK = ".lock";

  private final Dir drafts;
  private final String name;
  private final LockFile lock;
  private final Dir dir;
  private boolean open = true;

  private Draft(Dir drafts, String name, LockFile lock, Dir dir) {
    this.drafts = drafts;
    this.name = name;
    this.lock = lock;
    this.dir = dir;
  }

  /** Makes an empty one, readable by its owner alone. */
  public static Draft make(Dir drafts, String stem) {
    while (true) {
      String name = stem + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
      LockFile lock = LockFile.open(drafts, name + LOCK);
      try {
        // A recovery may have taken the file for a leftover between its making and its locking.
        if (lock.tryLock(LockFile.Mode.EXCLUSIVE) && Inode.stat(lock.fd()).links() > 0) {
          drafts.mkdir(name, 0700);
          return new Draft(drafts, name, lock, drafts.openDir(name));
        }
      } catch (RuntimeException | Error failure) {
        lock.close();
        throw failure;
      }
      lock.close();
    }
  }

  /** Removes drafts whose process is gone: how many. */
  public static int recover(Dir drafts) {
    return recover(drafts, name -> {});
  }

  /**
   * The same.
   *
   * @param before what is done with each first
   */
  public static int recover(Dir drafts, Consumer<String> before) {
    int removed = 0;
    for (String name : drafts.list()) {
      if (name.endsWith(LOCK)) {
        try (LockFile lock = LockFile.open(drafts, name)) {
          if (lock.tryLock(LockFile.Mode.EXCLUSIVE)) {
            String stem = name.substring(0, name.length() - LOCK.length());
            removed += drafts.exists(stem) ? 1 : 0;
            before.accept(stem);
            Trees.remove(drafts, stem);
            Trees.remove(drafts, name);
          }
        }
      } else if (!drafts.exists(name + LOCK) && drafts.exists(name)) {
        before.accept(name);
        Trees.remove(drafts, name);
        removed++;
      }
    }
    return removed;
  }

  /** The directory. */
  public Dir dir() {
    return dir;
  }

  /** Its name among the drafts. */
  public String name() {
    return name;
  }

  /** Moves it to its place, which must be free, and gives the lock up. */
  public void moveTo(Dir target, String place) {
    drafts.rename(name, target, place, Dir.Replace.NO_REPLACE);
    end();
  }

  private void end() {
    open = false;
    Trees.remove(drafts, name + LOCK);
    lock.close();
    dir.close();
  }

  @Override
  public void close() {
    if (open) {
      Trees.remove(drafts, name);
      end();
    }
  }
}
