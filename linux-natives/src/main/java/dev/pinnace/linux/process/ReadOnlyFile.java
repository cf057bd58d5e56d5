package dev.pinnace.linux.process;

import static dev.pinnace.linux.file.Fcntl.*;
import static dev.pinnace.linux.file.MountApi.*;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileSystemContext;

/**
 * A file that can be executed and not be written: alone on a tmpfs that is in no mount table, whose
 * superblock is made read-only once the file is there. Whoever reaches the open file through /proc,
 * as a container reaches what is executed in it (CVE-2019-5736), gets EROFS whatever it may do;
 * only this process's user namespace could make the file system writable again. All of it ends with
 * the last descriptor and the last process that executes the file.
 */
final class ReadOnlyFile {
  private ReadOnlyFile() {}

  /**
   * Makes one and opens it for reading.
   *
   * @throws dev.pinnace.linux.ErrnoException EPERM without CAP_SYS_ADMIN
   */
  static Fd of(byte[] content, String name) {
    try (FileSystemContext tmpfs = FileSystemContext.open("tmpfs").set("mode", "0700");
        DetachedMount mount = tmpfs.mount(MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
        Dir root = mount.root()) {
      try (Fd file = root.open(name, O_WRONLY | O_CREAT | O_EXCL, 0500)) {
        file.write(content);
      }
      tmpfs.set("ro").reconfigure();
      return root.open(name, O_RDONLY, 0);
    }
  }
}
