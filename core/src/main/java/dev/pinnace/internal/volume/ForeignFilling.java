package dev.pinnace.internal.volume;

import dev.pinnace.error.ConflictException;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.layer.OwnFile;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.internal.storage.Draft;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.file.LockFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an empty directory that is not in the engine's root: the files are copied straight into it,
 * for a rename from elsewhere may be one between file systems. What fails is taken back; a process
 * that is killed leaves a part, and the directory is not filled again, for it is not empty.
 */
final class ForeignFilling {
  private static final Logger LOG = LoggerFactory.getLogger(ForeignFilling.class);
  private static final String LIKE = "like";
  private static final int OWNERS_ALL = 0700;

  private final String name;
  private final Dir volume;
  private final Dir drafts;
  private final Dir data;

  /**
   * Prepares it.
   *
   * @param volume the directory of the engine's root
   * @param drafts takes the attributes of the directory of the image for as long
   * @param data that of the files
   */
  ForeignFilling(String name, Dir volume, Dir drafts, Dir data) {
    this.name = name;
    this.volume = volume;
    this.drafts = drafts;
    this.data = data;
  }

  /**
   * Fills it, if it is empty and can be written to.
   *
   * @param alone whether nobody else has the volume
   */
  void fill(VolumeFilling.Source source, boolean sync, BooleanSupplier alone) {
    try (LockFile lock = VolumeFilling.lock(name, volume);
        Draft draft = Draft.make(drafts, "fill")) {
      if (!alone.getAsBoolean()) {
        return;
      }
      draft.dir().mkdir(LIKE, OWNERS_ALL);
      List<String> begun = new ArrayList<>();
      try {
        fill(source, sync, draft.dir(), begun);
      } catch (ErrnoException refusal) {
        if (!isUnwritable(refusal, begun)) {
          takeBack(begun, refusal);
          throw refusal;
        }
        LOG.warn("volume {} is not filled with files of the image: {}", name, refusal.getMessage());
      } catch (RuntimeException | Error failure) {
        takeBack(begun, failure);
        throw failure;
      }
    }
  }

  private void fill(VolumeFilling.Source source, boolean sync, Dir draft, List<String> begun) {
    Optional<Runnable> relock = unlock();
    boolean isFilled;
    try {
      isFilled =
          data.entries().isEmpty() && source.copy(data, child -> begin(child, begun), draft, LIKE);
    } finally {
      relock.ifPresent(Runnable::run);
    }
    if (isFilled) {
      FaultPoints.reached("foreign volume copied");
      attributes(draft);
      if (!begun.isEmpty() && sync) {
        data.syncFileSystem();
      }
    }
  }

  private Optional<Runnable> unlock() {
    return OwnFile.unlock(data.fd(), data.stat(), OWNERS_ALL);
  }

  /** What somebody else has put there meanwhile is not to be taken back. */
  private void begin(String child, List<String> begun) {
    FaultPoints.reached("foreign file");
    if (data.exists(child)) {
      throw new ConflictException(
          "volume "
              + name
              + " cannot be filled with files of the image: somebody else has made "
              + child
              + " in "
              + data
              + " meanwhile; try again, or mount it without the copy (nocopy)");
    }
    begun.add(child);
  }

  /** Whether not even the first file could be made, or nobody can say what is there. */
  private boolean isUnwritable(ErrnoException refusal, List<String> begun) {
    return refusal.is(Errno.EROFS, Errno.EACCES)
        && (begun.isEmpty() || (begun.size() == 1 && !data.exists(begun.get(0))));
  }

  private void takeBack(List<String> begun, Throwable failure) {
    try {
      Optional<Runnable> relock = unlock();
      try {
        for (String child : begun) {
          if (data.exists(child)) {
            Trees.remove(data, child);
          }
        }
      } finally {
        relock.ifPresent(Runnable::run);
      }
    } catch (RuntimeException second) {
      LOG.warn("a part of the image's files is left in {}: {}", data, second.getMessage());
      failure.addSuppressed(second);
    }
  }

  /**
   * An ordinary user may write to a directory that is another's, whose attributes stay then. By its
   * descriptor: the mode that it gets may be one that lets nobody in.
   */
  private void attributes(Dir draft) {
    FileStat like = draft.stat(LIKE);
    try {
      Inode.chown(data.fd(), like.uid(), like.gid());
      Optional<Runnable> relock = unlock();
      try {
        Attributes.extended(draft, LIKE).forEach(this::attribute);
      } finally {
        relock.ifPresent(Runnable::run);
      }
      Inode.chmod(data.fd(), like.permissions());
      Inode.utimes(data.fd(), like.accessed(), like.modified());
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.EPERM)) {
        throw refusal;
      }
      LOG.warn(
          "volume {} is filled, but its directory keeps its owner, mode and times: {}",
          name,
          refusal.getMessage());
    }
  }

  private void attribute(String key, byte[] value) {
    try {
      data.setXattr(".", key, value);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP)) {
        throw refusal;
      }
      LOG.debug("{} cannot have the attribute {}", data, key, refusal);
    }
  }
}
