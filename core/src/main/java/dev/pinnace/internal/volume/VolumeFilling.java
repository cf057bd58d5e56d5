package dev.pinnace.internal.volume;

import dev.pinnace.error.CancelledException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.layer.OwnFile;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.internal.storage.Draft;
import dev.pinnace.internal.storage.SizeLimits;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.LockFile;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Fills an empty volume: a draft is filled, comes into the volume's directory as {@code filled} by
 * a rename once it is complete, and what is in it is moved to its place, one name after the other,
 * over nothing. Whoever finds {@code filled} there goes on, under the lock {@code fill.lock}. So
 * containers that use the volume already see the files too, and what they have written meanwhile
 * stays.
 */
public final class VolumeFilling {
  private static final String LOCK = "fill.lock";
  private static final String FILLED = "filled";
  private static final String CONTENT = "content";
  static final String LIKE = "like";
  private static final Duration SLICE = Duration.ofSeconds(60);
  private static final int OWNERS_ALL = 0700;

  private final String name;
  private final Dir volume;
  private final Dir drafts;

  /** Where the files come from. */
  public interface Source {
    /**
     * Copies them.
     *
     * @param content takes what is in a directory
     * @param beginning hears of each name before it is made in {@code content}
     * @param parent in which {@code like} is
     * @param like a directory that takes the attributes of the directory itself
     * @return whether there was a directory
     */
    boolean copy(Dir content, Consumer<String> beginning, Dir parent, String like);
  }

  VolumeFilling(String name, Dir volume, Dir drafts) {
    this.name = name;
    this.volume = volume;
    this.drafts = drafts;
  }

  void fill(Source source, boolean sync) {
    try (LockFile lock = lock(name, volume)) {
      finish();
      if (!isEmpty()) {
        return;
      }
      try (Draft draft = Draft.make(drafts, "fill")) {
        Dir dir = draft.dir();
        dir.mkdir(CONTENT, OWNERS_ALL);
        dir.mkdir(LIKE, OWNERS_ALL);
        boolean isDirectory;
        boolean hasFiles;
        try (Dir content = dir.openDir(CONTENT)) {
          try (Dir data = volume.openDir(VolumeStore.DATA)) {
            SizeLimits.share(data, content); // or nothing could be moved from one to the other
          }
          isDirectory = source.copy(content, name -> {}, dir, LIKE);
          hasFiles = !content.entries().isEmpty();
        }
        if (!isDirectory) {
          return;
        }
        if (hasFiles && sync) {
          dir.syncFileSystem(); // half of it must not pass for all after a power failure
        }
        FaultPoints.reached("volume copied");
        draft.moveTo(volume, FILLED);
      }
      FaultPoints.reached("volume filled");
      finish();
    }
  }

  void settle() {
    if (volume.exists(FILLED)) {
      try (LockFile lock = lock(name, volume)) {
        finish();
      }
    }
  }

  private boolean isEmpty() {
    try (Dir data = volume.openDir(VolumeStore.DATA)) {
      Optional<Runnable> relock = OwnFile.unlock(data.fd(), data.stat(), 0500);
      try {
        return data.entries().isEmpty();
      } finally {
        relock.ifPresent(Runnable::run);
      }
    }
  }

  /** Needs the lock. */
  private void finish() {
    if (!volume.exists(FILLED)) {
      return;
    }
    try (Dir filled = volume.openDir(FILLED);
        Dir content = filled.openDir(CONTENT);
        Dir data = volume.openDir(VolumeStore.DATA)) {
      if (!content.entries().isEmpty()) {
        Optional<Runnable> relock = OwnFile.unlock(data.fd(), data.stat(), OWNERS_ALL);
        try {
          for (String child : content.list()) {
            move(content, child, data);
          }
        } finally {
          relock.ifPresent(Runnable::run);
        }
      }
      FaultPoints.reached("volume files moved");
      Attributes.copy(filled, LIKE, filled.stat(LIKE), volume, VolumeStore.DATA);
    }
    Trees.remove(volume, FILLED);
  }

  /** A directory that is moved is written to: its {@code ..} is another. */
  private static void move(Dir content, String child, Dir data) {
    FileStat stat = content.stat(child);
    Optional<Runnable> relock = Optional.empty();
    if (stat.isDirectory()) {
      try (Fd directory = content.open(child, Fcntl.O_PATH | Fcntl.O_DIRECTORY, 0)) {
        relock = OwnFile.unlock(directory, stat, OWNERS_ALL);
      }
    }
    try {
      content.rename(child, data, child, Dir.Replace.NO_REPLACE);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EEXIST)) {
        throw refusal;
      }
    } finally {
      relock.ifPresent(Runnable::run);
    }
    FaultPoints.reached("volume file moved");
  }

  /** Waits for as long as another one fills it. */
  static LockFile lock(String name, Dir volume) {
    LockFile lock = LockFile.open(volume, LOCK);
    boolean locked = false;
    try {
      while (!locked) {
        locked = lock.lock(LockFile.Mode.EXCLUSIVE, SLICE);
      }
      return lock;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while another fills volume " + name, e);
    } finally {
      if (!locked) {
        lock.close();
      }
    }
  }
}
