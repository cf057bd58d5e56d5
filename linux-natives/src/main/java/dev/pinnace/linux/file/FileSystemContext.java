package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.MountApi.*;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/**
 * A file system being configured (fsopen(2), fsconfig(2)), then mounted without a place in any
 * tree. A refusal carries what the file system said about it in the context's message log. Not
 * thread-safe.
 *
 * <pre>{@code
 * try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
 *   overlay.set("lowerdir", "/l2:/l1").set("upperdir", "/u").set("workdir", "/w");
 *   DetachedMount mount = overlay.mount(0);
 * }
 * }</pre>
 */
public final class FileSystemContext implements AutoCloseable {
  private final Fd fd;
  private final String type;
  private boolean created;

  private FileSystemContext(Fd fd, String type) {
    this.fd = fd;
    this.type = type;
  }

  /** Opens a context for a type of /proc/filesystems; an unknown one gives ENODEV. */
  public static FileSystemContext open(String type) {
    try (Scratch scratch = Scratch.borrow()) {
      long number = Sys.FSOPEN.on(type, scratch.path(Sys.FSOPEN, type), FSOPEN_CLOEXEC);
      return new FileSystemContext(new Fd((int) number, "fsopen:" + type), type);
    }
  }

  /** Sets a parameter; the kernel takes at most 255 bytes of value. */
  public FileSystemContext set(String key, String value) {
    try (Scratch scratch = Scratch.borrow()) {
      configure(
          FSCONFIG_SET_STRING,
          key + "=" + value,
          scratch.path(Sys.FSCONFIG, key),
          scratch.path(Sys.FSCONFIG, value),
          0);
    }
    return this;
  }

  /** Sets a parameter that has no value, {@code ro}. */
  public FileSystemContext set(String flag) {
    try (Scratch scratch = Scratch.borrow()) {
      configure(FSCONFIG_SET_FLAG, flag, scratch.path(Sys.FSCONFIG, flag), 0, 0);
    }
    return this;
  }

  /** Sets a parameter to a descriptor (overlay: {@code lowerdir+} and others since 6.13). */
  public FileSystemContext set(String key, Fd value) {
    try (Scratch scratch = Scratch.borrow()) {
      configure(
          FSCONFIG_SET_FD, key + "=" + value, scratch.path(Sys.FSCONFIG, key), 0, value.number());
    }
    return this;
  }

  /** Makes the superblock (FSCONFIG_CMD_CREATE): here most file systems check what was set. */
  public FileSystemContext create() {
    configure(FSCONFIG_CMD_CREATE, "create", 0, 0, 0);
    created = true;
    return this;
  }

  /**
   * Mounts it, detached; makes the superblock first if {@link #create} was not called.
   *
   * @param attributes MOUNT_ATTR_* of {@link MountApi}
   */
  public DetachedMount mount(long attributes) {
    if (!created) {
      create();
    }
    long number = Sys.FSMOUNT.attempt(fd.number(), FSMOUNT_CLOEXEC, attributes, 0, 0, 0);
    if (number < 0) {
      throw refused(Sys.FSMOUNT, (int) -number, "");
    }
    return new DetachedMount(new Fd((int) number, type + " mount"), type);
  }

  /**
   * Applies what was set since {@link #mount} to the superblock, for everybody who has it mounted
   * (FSCONFIG_CMD_RECONFIGURE); with {@code ro}, EBUSY while a file is open for writing.
   */
  public FileSystemContext reconfigure() {
    configure(FSCONFIG_CMD_RECONFIGURE, "reconfigure", 0, 0, 0);
    return this;
  }

  private void configure(int command, String described, long key, long value, int auxiliary) {
    long answer = Sys.FSCONFIG.attempt(fd.number(), command, key, value, auxiliary, 0);
    if (answer < 0) {
      throw refused(Sys.FSCONFIG, (int) -answer, described);
    }
  }

  private ErrnoException refused(Sys call, int errno, String described) {
    String log = log();
    String arguments = described.isEmpty() ? type : type + ", " + described;
    return new ErrnoException(
        call.call(), errno, log.isEmpty() ? arguments : arguments + "; the kernel says: " + log);
  }

  /** Takes the messages that wait in the context: one per read, ENODATA when there is none. */
  private String log() {
    StringJoiner log = new StringJoiner("; ");
    try (NativeMemory memory = NativeMemory.of(4096)) {
      for (int i = 0; i < 64; i++) {
        long count = Sys.READ.attempt(fd.number(), memory.address(), memory.size(), 0, 0, 0);
        if (count <= 0) {
          if (count < 0 && count != -Errno.ENODATA) {
            log.add("(its message log cannot be read: " + Errno.describe((int) -count) + ")");
          }
          break;
        }
        log.add(new String(memory.getBytes(0, (int) count), StandardCharsets.UTF_8).strip());
      }
    }
    return log.toString();
  }

  /** Closes the context; what was mounted from it stays. */
  @Override
  public void close() {
    fd.close();
  }
}
