package dev.pinnace.internal.volume;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.internal.durable.FaultPoints;
import dev.pinnace.internal.layer.OwnFile;
import dev.pinnace.internal.storage.Draft;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Opened;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.LockFile;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.storage.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of a root. One appears and vanishes by a rename. Who makes a container with a volume
 * holds it (a shared lock) until the container's record says so; who removes it excludes those, and
 * asks the records. Thread-safe, also among processes.
 */
public final class VolumeStore implements AutoCloseable {
  /** What holds the files of a volume. */
  public static final String DATA = "_data";

  private static final Logger LOG = LoggerFactory.getLogger(VolumeStore.class);
  private static final String DRAFTS = ".drafts";
  private static final String MOUNTED = ".mounted";
  private static final String FILE = "volume.json";
  private static final String HELD = "held.lock";
  private static final String USE = "use.lock";
  private static final int ATTEMPTS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration MAKERS = Duration.ofSeconds(2);

  private final Path path;
  private final VolumeDrivers drivers;
  private final Dir volumes;
  private final Dir drafts;
  private final LeftMounts left;

  /** Opens those in {@code directory}, which is there. */
  public VolumeStore(Path directory, VolumeDrivers drivers) {
    this.path = directory;
    this.drivers = drivers;
    try (Opened opened = new Opened()) {
      this.volumes = opened.add(Dir.open(directory));
      volumes.mkdirs(DRAFTS, 0700);
      this.drafts = opened.add(volumes.openDir(DRAFTS));
      volumes.mkdirs(MOUNTED, 0700);
      this.left = new LeftMounts(opened.add(volumes.openDir(MOUNTED)), drivers, this::findDriven);
      opened.keep();
    }
  }

  /** Where the files of a volume of that name are, whether there is one or not. */
  public Path data(String name) {
    return path.resolve(name).resolve(DATA);
  }

  /** Who keeps files elsewhere. */
  public VolumeDrivers drivers() {
    return drivers;
  }

  /** What drivers have mounted for containers that are gone. */
  public LeftMounts left() {
    return left;
  }

  /** Where the files of a volume are, on the host; nowhere if they are mounted for containers. */
  public Optional<Path> place(VolumeSpec spec) {
    if (!spec.driver().equals(VolumeSpec.LOCAL)) {
      return drivers.path(spec);
    }
    LocalVolume local = LocalVolume.of(spec);
    return local.isBind()
        ? Optional.of(Path.of(local.device()))
        : Optional.of(data(spec.name().orElseThrow())).filter(in -> local.isDirectory());
  }

  /** Whether the files of a volume are in the directory that this store made for them. */
  public static boolean isDirectory(VolumeSpec spec) {
    return spec.driver().equals(VolumeSpec.LOCAL) && LocalVolume.of(spec).isDirectory();
  }

  /** Whose the directory of a new volume is. */
  public record Owner(int uid, int gid) {}

  /**
   * Holds a volume, which is made if there is none of that name.
   *
   * @param owner of a new one's directory; empty for this process
   * @param sync whether a new one is forced to the disk
   * @throws ConflictException if there is one that is kept in another way
   */
  public HeldVolume hold(VolumeSpec spec, Optional<Owner> owner, boolean sync) {
    String name = spec.name().orElseThrow();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<HeldVolume> there = find(name, LockFile.Mode.SHARED, PATIENCE, false);
      if (there.isPresent()) {
        refuseAnother(there.get(), spec);
        requireData(there.get());
        return there.get();
      }
      if (make(spec, data -> {}, owner, sync)) {
        Optional<HeldVolume> made = find(name, LockFile.Mode.SHARED, PATIENCE, true);
        if (made.isPresent()) {
          return made.get();
        }
      }
    }
    throw new ConflictException(
        "volume " + name + " was made and removed by others again and again: try again");
  }

  /**
   * Holds a volume that is there already.
   *
   * @throws NotFoundException if there is none
   * @throws ConflictException if it is kept in another way
   */
  public HeldVolume holdSame(VolumeSpec spec) {
    HeldVolume held = hold(spec.name().orElseThrow());
    refuseAnother(held, spec);
    return held;
  }

  /**
   * Holds a volume that is there already.
   *
   * @throws NotFoundException if there is none
   */
  public HeldVolume hold(String name) {
    HeldVolume held =
        find(name, LockFile.Mode.SHARED, PATIENCE, false).orElseThrow(() -> noSuch(name));
    requireData(held);
    return held;
  }

  private void requireData(HeldVolume held) {
    try {
      requireData(held.name(), held.dir());
    } catch (RuntimeException lost) {
      held.close();
      throw lost;
    }
  }

  /** Somebody may have removed it by hand. */
  private void requireData(String name, Dir dir) {
    if (!dir.exists(DATA)) {
      throw new CorruptException(
          "volume "
              + name
              + " has lost its files: "
              + data(name)
              + " is not there; make that directory for an empty one, or remove the volume");
    }
  }

  private static void refuseAnother(HeldVolume there, VolumeSpec wanted) {
    VolumeSpec known = there.record().spec();
    String difference = "";
    if (!known.driver().equals(wanted.driver())) {
      difference = "the driver " + known.driver() + ", not " + wanted.driver();
    } else if (!known.options().equals(wanted.options())) {
      difference = "the options " + known.options() + ", not " + wanted.options();
    }
    if (!difference.isEmpty()) {
      String name = there.name();
      there.close();
      throw new ConflictException(
          "there is a volume "
              + name
              + " already, with "
              + difference
              + ": use another name, leave that out, or remove it");
    }
  }

  /** Puts files into the directory of a new volume, and gives that its attributes. */
  public interface Content {
    void into(Dir data);
  }

  /**
   * Makes a volume with files, unless there is one of that name; it is on the disk then.
   *
   * @return whether it was made
   */
  public boolean make(VolumeSpec spec, Content content) {
    return !volumes.exists(spec.name().orElseThrow())
        && make(spec, content, Optional.empty(), true);
  }

  /** Whether it was made by this call. */
  private boolean make(VolumeSpec spec, Content content, Optional<Owner> owner, boolean sync) {
    String name = spec.name().orElseThrow();
    VolumeRecord record = new VolumeRecord(spec, Instant.now());
    try (Draft draft = Draft.make(drafts, stem(name))) {
      Dir dir = draft.dir();
      dir.mkdir(DATA, 0755);
      dir.chmod(DATA, 0755);
      owner.ifPresent(to -> dir.chown(DATA, to.uid(), to.gid()));
      try {
        Durable.write(dir, FILE, record.encode(), sync); // first, so that a limit is known of
        VolumeSizes.limit(volumes, dir, DATA, spec);
        if (isFilled(dir, content) && sync) {
          dir.syncFileSystem();
        }
        LockFile.open(dir, HELD).close();
        if (sync) {
          dir.sync();
        }
        FaultPoints.reached("volume drafted");
        publish(draft, spec);
      } catch (RuntimeException | Error failure) {
        VolumeSizes.lift(drafts, draft.name(), FILE, DATA);
        throw failure;
      }
      FaultPoints.reached("volume made");
      if (sync) {
        volumes.sync();
      }
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EEXIST)) {
        return false; // somebody else was faster
      }
      throw failed("make volume " + name, refusal);
    }
  }

  /** What a driver has made of what never came to be a volume is removed. */
  private void publish(Draft draft, VolumeSpec spec) {
    String name = spec.name().orElseThrow();
    if (spec.driver().equals(VolumeSpec.LOCAL)) {
      draft.moveTo(volumes, name);
      return;
    }
    drivers.create(spec);
    FaultPoints.reached("volume created by its driver");
    try {
      draft.moveTo(volumes, name);
    } catch (RuntimeException | Error failure) {
      if (!volumes.exists(name)) {
        drivers.remove(spec);
      }
      throw failure;
    }
  }

  private static boolean isFilled(Dir dir, Content content) {
    try (Dir data = dir.openDir(DATA)) {
      content.into(data);
      Optional<Runnable> relock = OwnFile.unlock(data.fd(), data.stat(), 0500);
      try {
        return !data.entries().isEmpty();
      } finally {
        relock.ifPresent(Runnable::run);
      }
    }
  }

  /** A lock's file has a name that is a bit longer. */
  private static String stem(String name) {
    return name.substring(0, Math.min(name.length(), 200));
  }

  private Optional<HeldVolume> find(
      String name, LockFile.Mode mode, Duration patience, boolean made) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (Opened opened = new Opened()) {
        Dir dir = opened.add(volumes.openDir(name));
        LockFile lock = opened.add(lock(name, dir, mode, patience));
        if (isThere(name, dir)) {
          HeldVolume held = new HeldVolume(read(name, dir), dir, lock, made);
          opened.keep();
          return Optional.of(held);
        }
      } catch (ErrnoException refusal) {
        if (refusal.is(Errno.ENOENT)) {
          return Optional.empty();
        }
        throw failed("open volume " + name, refusal);
      }
    }
    throw new ConflictException(
        "volume " + name + " was removed and made anew again and again: try again");
  }

  /** Whether a directory that was opened has its name still. */
  private boolean isThere(String name, Dir dir) {
    return volumes.find(name).filter(dir.stat()::isSameFile).isPresent();
  }

  private static LockFile lock(String name, Dir dir, LockFile.Mode mode, Duration patience) {
    return lock(name, dir, HELD, mode, patience);
  }

  private static LockFile lock(
      String name, Dir dir, String file, LockFile.Mode mode, Duration patience) {
    LockFile lock = LockFile.open(dir, file);
    boolean locked = false;
    try {
      locked = lock.lock(mode, patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while waiting for volume " + name, e);
    } finally {
      if (!locked) {
        lock.close();
      }
    }
    if (!locked && file.equals(USE)) {
      throw new TimedOutException(
          "another container was being started with volume "
              + name
              + " for "
              + patience.toSeconds()
              + " s");
    }
    if (!locked) {
      throw mode == LockFile.Mode.SHARED
          ? new TimedOutException(
              "volume " + name + " was being removed for " + patience.toSeconds() + " s")
          : new ConflictException(
              "volume "
                  + name
                  + " is not removed: a container is being made with it, or its files are being copied");
    }
    return lock;
  }

  private VolumeRecord read(String name, Dir dir) {
    String file = path.resolve(name).resolve(FILE).toString();
    try (Fd open = dir.open(FILE, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK, 0)) {
      return VolumeRecord.decode(open.readAll(VolumeRecord.LARGEST), name, file);
    } catch (ErrnoException refusal) {
      throw new CorruptException(
          file
              + " cannot be read: "
              + refusal.getMessage()
              + "; copy what is in _data beside it, and remove the volume by force",
          refusal);
    }
  }

  private static NotFoundException noSuch(String name) {
    return new NotFoundException("there is no volume " + name);
  }

  /**
   * What is written about a volume; empty if there is none.
   *
   * @throws CorruptException if that cannot be read
   */
  public Optional<VolumeRecord> find(String name) {
    try (Dir dir = volumes.openDir(name)) {
      return Optional.of(read(name, dir)).filter(record -> isThere(name, dir));
    } catch (CorruptException damaged) {
      if (!volumes.exists(name)) {
        return Optional.empty(); // it was removed while it was read
      }
      throw damaged;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR, Errno.ENAMETOOLONG)) {
        return Optional.empty();
      }
      throw failed("open volume " + name, refusal);
    }
  }

  /**
   * The same of a volume that another driver than {@code local} has: only those are mounted by one.
   * What had its name before and was removed by force may have been another's.
   */
  public Optional<VolumeRecord> findDriven(String name) {
    return find(name).filter(volume -> !volume.spec().driver().equals(VolumeSpec.LOCAL));
  }

  /** The names of all volumes, damaged ones too. */
  public List<String> names() {
    List<String> names = new ArrayList<>(volumes.list());
    names.removeIf(name -> name.startsWith("."));
    return names;
  }

  /** What is written about all volumes; damaged ones are logged and left out. */
  public List<VolumeRecord> list() {
    List<VolumeRecord> records = new ArrayList<>();
    for (String name : names()) {
      try {
        find(name).ifPresent(records::add);
      } catch (CorruptException damaged) {
        LOG.warn("volume {} is not listed: {}", name, damaged.getMessage());
      }
    }
    return records;
  }

  /** Says whether a volume may go, by an exception if it may not; asked while nobody holds it. */
  public interface Check {
    void of(String name);
  }

  /**
   * Removes a volume with its files.
   *
   * @param force whether one that is damaged, or whose driver fails, is removed too
   * @throws NotFoundException if there is none
   * @throws ConflictException if a container is being made with it
   */
  public void remove(String name, boolean force, Check check) {
    try {
      if (isStray(name)) {
        removeStray(name, force);
        return;
      }
      String grave = stem(name) + "-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
      bury(name, force, check, grave);
      FaultPoints.reached("volume removed");
      volumes.sync();
      VolumeSizes.lift(drafts, grave, FILE, DATA);
      Trees.remove(drafts, grave);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        throw noSuch(name);
      }
      throw failed("remove volume " + name, refusal);
    }
  }

  /** Whether something has the name that no volume is: a file, or a link. */
  private boolean isStray(String name) {
    return volumes.find(name).filter(stat -> !stat.isDirectory()).isPresent();
  }

  private void removeStray(String name, boolean force) {
    if (!force) {
      throw new CorruptException(
          path.resolve(name) + " is no volume, but a link or file: remove it by force");
    }
    Trees.remove(volumes, name);
  }

  private void bury(String name, boolean force, Check check, String grave) {
    try (Opened opened = new Opened()) {
      Dir dir = opened.add(volumes.openDir(name));
      opened.add(lock(name, dir, LockFile.Mode.EXCLUSIVE, MAKERS));
      if (!isThere(name, dir)) {
        throw noSuch(name);
      }
      check.of(name);
      FaultPoints.reached("volume unused");
      if (!force || readable(name, dir).isPresent()) {
        endAtDriver(read(name, dir).spec(), force);
      } else {
        left.abandon(name);
      }
      volumes.rename(name, drafts, grave, Dir.Replace.NO_REPLACE);
    }
  }

  private void endAtDriver(VolumeSpec spec, boolean force) {
    if (spec.driver().equals(VolumeSpec.LOCAL)) {
      return;
    }
    left.end(spec, force);
    try {
      drivers.remove(spec);
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (PinnaceException failure) {
      if (!force) {
        throw failure;
      }
      LOG.warn("what volume {} was goes without its driver: {}", spec.name(), failure.getMessage());
    }
    FaultPoints.reached("volume removed by its driver");
  }

  private Optional<VolumeRecord> readable(String name, Dir dir) {
    try {
      return Optional.of(read(name, dir));
    } catch (CorruptException damaged) {
      LOG.debug("nobody knows the driver of volume {}", name, damaged);
      return Optional.empty();
    }
  }

  /** What the files of a volume take; nothing where it is being removed. */
  public Usage usage(String name) {
    try (Dir dir = volumes.openDir(name);
        Dir data = dir.openDir(DATA)) {
      return Trees.usage(data);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        return new Usage(0, 0);
      }
      throw failed("measure volume " + name, refusal);
    }
  }

  /**
   * Fills a volume that is empty; one that is not stays as it is. Others wait meanwhile that want
   * to fill it, too.
   */
  public void fill(HeldVolume volume, VolumeFilling.Source source, boolean sync) {
    try {
      new VolumeFilling(volume.name(), volume.dir(), drafts).fill(source, sync);
    } catch (ErrnoException refusal) {
      throw failed("fill volume " + volume.name() + " with files of the image", refusal);
    }
  }

  /**
   * The same with a volume whose files are elsewhere: what fails is taken back, what is killed
   * leaves a part.
   *
   * @param data where they are
   * @param alone whether nobody else has it, asked once nobody else fills it
   */
  public void fill(
      HeldVolume volume,
      Dir data,
      VolumeFilling.Source source,
      boolean sync,
      BooleanSupplier alone) {
    try {
      new ForeignFilling(volume.name(), volume.dir(), drafts, data).fill(source, sync, alone);
    } catch (ErrnoException refusal) {
      throw new PinnaceException(
          "cannot fill volume "
              + volume.name()
              + " with files of the image: "
              + refusal.getMessage()
              + "; mount it without the copy (nocopy)",
          refusal);
    }
  }

  /**
   * Finishes the filling of a volume that a killed process has left nearly done.
   *
   * @throws NotFoundException if there is no such volume
   */
  public void settle(String name) {
    try (Dir dir = volumes.openDir(name)) {
      requireData(name, dir);
      new VolumeFilling(name, dir, drafts).settle();
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        throw noSuch(name);
      }
      throw failed("finish the filling of volume " + name, refusal);
    }
  }

  /**
   * Has a volume of memory for one container, until that is closed, by which it has begun: no other
   * one starts with it meanwhile.
   */
  public LockFile beginUse(String name) {
    try (Dir dir = volumes.openDir(name)) {
      return lock(name, dir, USE, LockFile.Mode.EXCLUSIVE, PATIENCE);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT)) {
        throw noSuch(name);
      }
      throw failed("use volume " + name, refusal);
    }
  }

  /**
   * Finishes or removes what killed processes have left.
   *
   * @param isThere whether there is a container of that id
   */
  public void recover(Predicate<String> isThere) {
    try {
      int unused = Draft.recover(drafts, left -> VolumeSizes.lift(drafts, left, FILE, DATA));
    } catch (ErrnoException refusal) {
      LOG.warn("what is left of volumes in {} stays: {}", path, refusal.getMessage());
      LOG.debug("the cause", refusal);
    }
    try {
      Durable.sweep(path.resolve(MOUNTED));
      left.retry(isThere);
    } catch (IOException | ErrnoException refusal) {
      LOG.warn("what is mounted of volumes in {} stays: {}", path, refusal.getMessage());
      LOG.debug("the cause", refusal);
    }
    for (String name : names()) {
      try {
        settle(name);
      } catch (NotFoundException gone) {
        LOG.debug("volume {} was removed meanwhile", name, gone);
      } catch (CancelledException interrupted) {
        throw interrupted;
      } catch (PinnaceException failure) {
        LOG.warn("volume {} is left as it is: {}", name, failure.getMessage());
        LOG.debug("the cause", failure);
      }
    }
  }

  private static PinnaceException failed(String what, ErrnoException refusal) {
    return new PinnaceException("cannot " + what + ": " + refusal.getMessage(), refusal);
  }

  @Override
  public void close() {
    left.close();
    drafts.close();
    volumes.close();
  }
}
