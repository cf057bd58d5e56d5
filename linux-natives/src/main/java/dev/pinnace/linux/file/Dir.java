package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.Fcntl.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A directory held by a descriptor, and everything below it by relative paths that cannot leave it:
 * symbolic links on the way and {@code ..} are resolved as if the directory were the root
 * (openat2(2), RESOLVE_IN_ROOT), and the last component is not followed unless the method's name
 * says so. Names are Strings that carry any bytes, see {@link FileName}. Modes are subject to the
 * process's umask where the manual says so. The descriptor is {@code O_PATH}: it needs search
 * permission only. Thread-safe. Methods throw {@link ErrnoException} when the kernel refuses.
 */
public final class Dir implements AutoCloseable {
  private static final long IN_ROOT = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

  /**
   * openat2 answers EAGAIN when something is renamed, anywhere, while it follows a {@code ..}, and
   * EXDEV when what it has found is moved out of the root before it is done.
   */
  private static final int RACES = 128;

  /** Somebody who does nothing but rename leaves gaps. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration PAUSE = Duration.ofNanos(20_000);

  /** Offsets in struct linux_dirent64 (getdents64(2)). */
  private static final int D_INO = 0;

  private static final int D_RECLEN = 16;
  private static final int D_TYPE = 18;
  private static final int D_NAME = 19;

  private final Fd fd;
  private final String what;

  private Dir(Fd fd, String what) {
    this.fd = fd;
    this.what = what;
  }

  /** Opens a directory of the host, resolved as any program would. */
  public static Dir open(Path path) {
    String name = path.toString();
    try (Scratch scratch = Scratch.borrow()) {
      long number =
          Sys.OPENAT.on(
              name, AT_FDCWD, scratch.path(Sys.OPENAT, name), O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
      return new Dir(new Fd((int) number, name), name);
    }
  }

  /**
   * Takes ownership of a descriptor of a directory.
   *
   * @param what how messages call it
   */
  public static Dir of(Fd fd, String what) {
    return new Dir(fd, what);
  }

  /** The descriptor; this stays its owner. */
  public Fd fd() {
    return fd;
  }

  /** {@code /proc/self/fd/N}: how JDK classes reach it while it is open. */
  public Path path() {
    return Path.of(fd.procPath());
  }

  /** Opens a directory below. */
  public Dir openDir(String relative) {
    return openDir(relative, O_NOFOLLOW, IN_ROOT);
  }

  /** Opens a directory below, by a symbolic link if need be. */
  public Dir openDirFollowing(String relative) {
    return openDir(relative, 0, IN_ROOT);
  }

  /** Opens a directory below; one on another mount gives EXDEV. */
  Dir openDirSameMount(String relative) {
    return openDir(relative, O_NOFOLLOW, IN_ROOT | RESOLVE_NO_XDEV);
  }

  private Dir openDir(String relative, int follow, long resolve) {
    int number = openat2(relative, O_PATH | O_DIRECTORY | follow, 0, resolve);
    String described = below(relative);
    return new Dir(new Fd(number, described), described);
  }

  /** A second, independently owned Dir on the same directory. */
  public Dir duplicate() {
    return new Dir(fd.duplicate(), what);
  }

  /**
   * Opens what is below; a symbolic link as the last component gives ELOOP.
   *
   * @param flags O_* of {@link Fcntl}; O_CLOEXEC, O_NOFOLLOW and O_NOCTTY are added
   * @param mode permissions of a new file, minus the umask
   */
  public Fd open(String relative, int flags, int mode) {
    return new Fd(openat2(relative, flags | O_NOFOLLOW, mode, IN_ROOT), below(relative));
  }

  /** As {@link #open}, following a symbolic link as the last component, inside this directory. */
  public Fd openFollowing(String relative, int flags, int mode) {
    return new Fd(openat2(relative, flags, mode, IN_ROOT), below(relative));
  }

  private int openat2(String relative, int flags, int mode, long resolve) {
    try (Scratch scratch = Scratch.borrow()) {
      int how = scratch.reserve(OPEN_HOW_SIZE);
      boolean creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
      int implied = (flags & O_PATH) != 0 ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY;
      scratch
          .memory()
          .putLong(how, (flags | implied) & 0xFFFFFFFFL)
          .putLong(how + 8, creates ? mode & 07777 : 0)
          .putLong(how + 16, resolve);
      long path = scratch.path(Sys.OPENAT2, relative.isEmpty() ? "." : relative);
      long answer = -Errno.EAGAIN;
      for (int i = 0; i < RACES && isRace(answer, resolve); i++) {
        answer = Sys.OPENAT2.attempt(fd.number(), path, scratch.address(how), OPEN_HOW_SIZE, 0, 0);
      }
      if (answer == -Errno.EAGAIN && (flags & O_NONBLOCK) == 0) { // else it may be of a lease
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (answer == -Errno.EAGAIN && System.nanoTime() < end) {
          LockSupport.parkNanos(PAUSE.toNanos());
          answer =
              Sys.OPENAT2.attempt(fd.number(), path, scratch.address(how), OPEN_HOW_SIZE, 0, 0);
        }
      }
      return (int) checked(Sys.OPENAT2, answer, relative);
    }
  }

  private static boolean isRace(long answer, long resolve) {
    return answer == -Errno.EAGAIN || (answer == -Errno.EXDEV && (resolve & RESOLVE_NO_XDEV) == 0);
  }

  /** Makes a directory; an existing one gives EEXIST. */
  public void mkdir(String relative, int mode) {
    try (Parent parent = parent(Sys.MKDIRAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long name = scratch.path(Sys.MKDIRAT, parent.name);
      checked(Sys.MKDIRAT, Sys.MKDIRAT.attempt(parent.number(), name, mode, 0, 0, 0), relative);
    }
  }

  /**
   * Makes a directory and what is missing above it, all with {@code mode}. Existing directories and
   * symbolic links to directories inside this one are accepted as they are.
   */
  public void mkdirs(String relative, int mode) {
    int end = 0;
    while (end >= 0) {
      int slash = relative.indexOf('/', end + 1);
      String prefix = slash < 0 ? relative : relative.substring(0, slash);
      end = slash;
      if (isName(lastComponent(prefix))) {
        try {
          mkdir(prefix, mode);
        } catch (ErrnoException refusal) {
          if (!refusal.is(Errno.EEXIST) || !statFollowing(prefix).isDirectory()) {
            throw refusal;
          }
        }
      }
    }
  }

  /**
   * Makes a device, FIFO, socket or empty file.
   *
   * @param mode type and permissions, see {@link FileType#bits}
   */
  public void mknod(String relative, int mode, int deviceMajor, int deviceMinor) {
    try (Parent parent = parent(Sys.MKNODAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long name = scratch.path(Sys.MKNODAT, parent.name);
      checked(
          Sys.MKNODAT,
          Sys.MKNODAT.attempt(parent.number(), name, mode, device(deviceMajor, deviceMinor), 0, 0),
          relative);
    }
  }

  /** The kernel's encoding of a dev_t: twelve bits of major, twenty of minor. */
  private static long device(int major, int minor) {
    return (minor & 0xFFL) | ((long) major << 8) | ((minor & ~0xFFL) << 12);
  }

  /** Makes a symbolic link whose target is {@code target}, verbatim. */
  public void symlink(String target, String relative) {
    try (Parent parent = parent(Sys.SYMLINKAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long content = scratch.path(Sys.SYMLINKAT, target);
      long name = scratch.path(Sys.SYMLINKAT, parent.name);
      checked(
          Sys.SYMLINKAT, Sys.SYMLINKAT.attempt(content, parent.number(), name, 0, 0, 0), relative);
    }
  }

  /** Makes {@code relative} a hard link to {@code existing}, to the link itself if it is one. */
  public void link(String existing, String relative) {
    linkFrom(this, existing, relative);
  }

  /** As {@link #link}, to a file of another directory of the same mount. */
  public void linkFrom(Dir source, String existing, String relative) {
    try (Parent from = source.parent(Sys.LINKAT, existing);
        Parent to = parent(Sys.LINKAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long fromName = scratch.path(Sys.LINKAT, from.name);
      long toName = scratch.path(Sys.LINKAT, to.name);
      checked(
          Sys.LINKAT,
          Sys.LINKAT.attempt(from.number(), fromName, to.number(), toName, 0, 0),
          relative);
    }
  }

  /** Removes anything but a directory. */
  public void unlink(String relative) {
    unlinkat(relative, 0);
  }

  /** Removes an empty directory. */
  public void rmdir(String relative) {
    unlinkat(relative, AT_REMOVEDIR);
  }

  private void unlinkat(String relative, int flags) {
    try (Parent parent = parent(Sys.UNLINKAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long name = scratch.path(Sys.UNLINKAT, parent.name);
      checked(Sys.UNLINKAT, Sys.UNLINKAT.attempt(parent.number(), name, flags, 0, 0, 0), relative);
    }
  }

  /**
   * Removes {@code relative} and everything below it; what does not exist is fine. Symbolic links
   * are removed, not followed; a mount below gives EXDEV or EBUSY and stays; directories that their
   * owner may not enter are made accessible first. Not atomic.
   */
  public void removeTree(String relative) {
    try (Parent parent = parent(Sys.UNLINKAT, relative)) {
      TreeRemoval.remove(parent.dir(), parent.name);
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  /** Removes everything in this directory, which itself stays. As {@link #removeTree}. */
  public void removeContents() {
    for (String name : list()) {
      TreeRemoval.remove(this, name);
    }
  }

  /** What {@link #rename} does about an existing target. */
  public enum Replace {
    /** It is replaced: an empty directory by a directory, anything else by anything else. */
    REPLACE(0),
    /** It stays, and the call fails with EEXIST. */
    NO_REPLACE(RENAME_NOREPLACE),
    /** The two change places, atomically. */
    EXCHANGE(RENAME_EXCHANGE);

    private final int flags;

    Replace(int flags) {
      this.flags = flags;
    }
  }

  /** Renames within this directory, replacing. */
  public void rename(String from, String to) {
    rename(from, this, to, Replace.REPLACE);
  }

  /** Renames, also into another directory of the same mount (renameat2). */
  public void rename(String from, Dir target, String to, Replace replace) {
    try (Parent source = parent(Sys.RENAMEAT2, from);
        Parent destination = target.parent(Sys.RENAMEAT2, to);
        Scratch scratch = Scratch.borrow()) {
      long fromName = scratch.path(Sys.RENAMEAT2, source.name);
      long toName = scratch.path(Sys.RENAMEAT2, destination.name);
      checked(
          Sys.RENAMEAT2,
          Sys.RENAMEAT2.attempt(
              source.number(), fromName, destination.number(), toName, replace.flags, 0),
          from + ", " + target.below(to));
    }
  }

  /** This directory's own statx. */
  public FileStat stat() {
    return Inode.stat(fd);
  }

  /** statx of what is below, of a symbolic link itself; ENOENT if there is nothing. */
  public FileStat stat(String relative) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(FileStat.SIZE);
      checked(Sys.STATX, statx(relative, scratch, at), relative);
      return FileStat.read(scratch.memory(), at);
    }
  }

  /** statx, following a symbolic link as the last component, inside this directory. */
  public FileStat statFollowing(String relative) {
    try (Fd found = openFollowing(relative, O_PATH, 0)) {
      return Inode.stat(found);
    }
  }

  /** As {@link #stat(String)}, empty when it or a directory on the way does not exist. */
  public Optional<FileStat> find(String relative) {
    try (Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(FileStat.SIZE);
      long answer = statx(relative, scratch, at);
      if (answer == -Errno.ENOENT || answer == -Errno.ENOTDIR) {
        return Optional.empty();
      }
      checked(Sys.STATX, answer, relative);
      return Optional.of(FileStat.read(scratch.memory(), at));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ENOENT, Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw refusal;
    }
  }

  private long statx(String relative, Scratch scratch, int at) {
    if (!isName(lastComponent(relative))) {
      try (Fd found = open(relative, O_PATH, 0)) {
        return Sys.STATX.attempt(
            found.number(),
            scratch.path(Sys.STATX, ""),
            AT_EMPTY_PATH,
            FileStat.MASK,
            scratch.address(at),
            0);
      }
    }
    try (Parent parent = parent(Sys.STATX, relative)) {
      return Sys.STATX.attempt(
          parent.number(),
          scratch.path(Sys.STATX, parent.name),
          AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
          FileStat.MASK,
          scratch.address(at),
          0);
    }
  }

  /** Whether something of that name is below, a dangling symbolic link included. */
  public boolean exists(String relative) {
    return find(relative).isPresent();
  }

  /** The names in this directory, sorted, without {@code .} and {@code ..}. */
  public List<String> list() {
    return entries().stream().map(DirEntry::name).sorted().toList();
  }

  /** The names in a directory below, sorted. */
  public List<String> list(String relative) {
    try (Dir below = openDir(relative)) {
      return below.list();
    }
  }

  /** What is in this directory, in the file system's order (getdents64). */
  public List<DirEntry> entries() {
    List<DirEntry> entries = new ArrayList<>();
    try (Fd readable = open(".", O_RDONLY | O_DIRECTORY, 0);
        NativeMemory memory = NativeMemory.of(64 * 1024)) {
      byte[] bytes = new byte[64 * 1024];
      int count;
      do {
        count = (int) Sys.GETDENTS64.on(what, readable.number(), memory.address(), bytes.length);
        memory.getBytes(0, bytes, 0, count);
        parse(bytes, count, entries);
      } while (count > 0);
    }
    return entries;
  }

  private static void parse(byte[] bytes, int count, List<DirEntry> into) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.nativeOrder());
    for (int at = 0; at < count; at += Short.toUnsignedInt(buffer.getShort(at + D_RECLEN))) {
      int end = at + D_NAME;
      while (bytes[end] != 0) {
        end++;
      }
      String name = FileName.decode(bytes, at + D_NAME, end - at - D_NAME);
      if (!name.equals(".") && !name.equals("..")) {
        into.add(
            new DirEntry(name, FileType.ofDirent(bytes[at + D_TYPE]), buffer.getLong(at + D_INO)));
      }
    }
  }

  /** The target of a symbolic link, verbatim. */
  public String readLink(String relative) {
    try (Parent parent = parent(Sys.READLINKAT, relative);
        Scratch scratch = Scratch.borrow()) {
      int at = scratch.reserve(Scratch.PATH_MAX);
      long name = scratch.path(Sys.READLINKAT, parent.name);
      long count =
          checked(
              Sys.READLINKAT,
              Sys.READLINKAT.attempt(
                  parent.number(), name, scratch.address(at), Scratch.PATH_MAX, 0, 0),
              relative);
      return FileName.decode(scratch.memory().getBytes(at, (int) count));
    }
  }

  /** Sets the twelve permission bits, exactly; a symbolic link gives EOPNOTSUPP. */
  public void chmod(String relative, int permissions) {
    try (Fd found = open(relative, O_PATH, 0)) {
      Inode.chmod(found, permissions);
    }
  }

  /** Sets owner and group, of a symbolic link itself; -1 leaves one as it is. */
  public void chown(String relative, int uid, int gid) {
    if (!isName(lastComponent(relative))) {
      try (Fd found = open(relative, O_PATH, 0)) {
        Inode.chown(found, uid, gid);
      }
      return;
    }
    try (Parent parent = parent(Sys.FCHOWNAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long name = scratch.path(Sys.FCHOWNAT, parent.name);
      checked(
          Sys.FCHOWNAT,
          Sys.FCHOWNAT.attempt(parent.number(), name, uid, gid, AT_SYMLINK_NOFOLLOW, 0),
          relative);
    }
  }

  /** Sets access and modification time to the nanosecond, of a symbolic link itself. */
  public void utimes(String relative, Instant accessed, Instant modified) {
    if (!isName(lastComponent(relative))) {
      try (Fd found = open(relative, O_PATH, 0)) {
        Inode.utimes(found, accessed, modified);
      }
      return;
    }
    try (Parent parent = parent(Sys.UTIMENSAT, relative);
        Scratch scratch = Scratch.borrow()) {
      long name = scratch.path(Sys.UTIMENSAT, parent.name);
      long times = Inode.times(scratch, accessed, modified);
      checked(
          Sys.UTIMENSAT,
          Sys.UTIMENSAT.attempt(parent.number(), name, times, AT_SYMLINK_NOFOLLOW, 0, 0),
          relative);
    }
  }

  /** Sets an extended attribute, of a symbolic link itself. */
  public void setXattr(String relative, String name, byte[] value) {
    try (Parent parent = parent(Sys.LSETXATTR, relative)) {
      xattrs(parent, relative).set(name, value);
    }
  }

  /** An extended attribute, null if there is none of that name. */
  public byte @Nullable [] getXattr(String relative, String name) {
    try (Parent parent = parent(Sys.LGETXATTR, relative)) {
      return xattrs(parent, relative).get(name);
    }
  }

  /** Names of the extended attributes, in the file system's order. */
  public List<String> listXattrs(String relative) {
    try (Parent parent = parent(Sys.LLISTXATTR, relative)) {
      return xattrs(parent, relative).list();
    }
  }

  /** Removes an extended attribute; none of that name gives ENODATA. */
  public void removeXattr(String relative, String name) {
    try (Parent parent = parent(Sys.LREMOVEXATTR, relative)) {
      xattrs(parent, relative).remove(name);
    }
  }

  private Xattrs xattrs(Parent parent, String relative) {
    return Xattrs.ofPath(parent.dir().fd.procPath() + "/" + parent.name, below(relative));
  }

  /** Writes the names of this directory to the disk (fsync). */
  public void sync() {
    try (Fd readable = open(".", O_RDONLY | O_DIRECTORY, 0)) {
      readable.sync();
    }
  }

  /** Writes the whole file system that this directory is on to the disk (syncfs). */
  public void syncFileSystem() {
    try (Fd readable = open(".", O_RDONLY | O_DIRECTORY, 0)) {
      Sys.SYNCFS.on(what, readable.number());
    }
  }

  /** Closes the descriptor. Closing twice does nothing. */
  @Override
  public void close() {
    fd.close();
  }

  @Override
  public String toString() {
    return what;
  }

  String below(String relative) {
    return relative.isEmpty() ? what : what + "/" + relative;
  }

  private long checked(Sys call, long answer, String relative) {
    if (answer < 0) {
      throw new ErrnoException(call.call(), (int) -answer, below(relative));
    }
    return answer;
  }

  private static boolean isName(String component) {
    return !component.isEmpty() && !component.equals(".") && !component.equals("..");
  }

  private static String lastComponent(String relative) {
    String trimmed = withoutTrailingSlashes(relative);
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  private static String withoutTrailingSlashes(String relative) {
    int end = relative.length();
    while (end > 0 && relative.charAt(end - 1) == '/') {
      end--;
    }
    return relative.substring(0, end);
  }

  /** Opens the directory that holds the last component, which must be a name. */
  private Parent parent(Sys call, String relative) {
    String trimmed = withoutTrailingSlashes(relative);
    int slash = trimmed.lastIndexOf('/');
    String name = trimmed.substring(slash + 1);
    if (!isName(name)) {
      throw new ErrnoException(call.call(), Errno.EINVAL, below(relative));
    }
    return slash <= 0
        ? new Parent(this, false, name)
        : new Parent(openDirFollowing(trimmed.substring(0, slash)), true, name);
  }

  private record Parent(Dir dir, boolean owned, String name) implements AutoCloseable {
    int number() {
      return dir.fd.number();
    }

    @Override
    public void close() {
      if (owned) {
        dir.close();
      }
    }
  }
}
