package dev.pinnace.linux.file;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The extended attributes (xattr(7)) of one file, by descriptor or by path without following. */
final class Xattrs {
  /** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
  private static final int MAX = 65536;

  private final @Nullable Fd fd;
  private final String path;
  private final String what;

  private Xattrs(@Nullable Fd fd, String path, String what) {
    this.fd = fd;
    this.path = path;
    this.what = what;
  }

  static Xattrs ofDescriptor(Fd fd) {
    return new Xattrs(fd, "", fd.toString());
  }

  /** Of what {@code path} names, the symbolic link itself if it is one. */
  static Xattrs ofPath(String path, String what) {
    return new Xattrs(null, path, what);
  }

  void set(String name, byte[] value) {
    try (Scratch scratch = Scratch.borrow();
        NativeMemory copy = NativeMemory.of(value)) {
      Sys call = fd != null ? Sys.FSETXATTR : Sys.LSETXATTR;
      call.on(
          described(name),
          file(scratch, call),
          scratch.path(call, name),
          copy.address(),
          value.length,
          0);
    }
  }

  byte @Nullable [] get(String name) {
    Sys call = fd != null ? Sys.FGETXATTR : Sys.LGETXATTR;
    try (Scratch scratch = Scratch.borrow()) {
      int size = 1024;
      int at = scratch.reserve(size);
      long file = file(scratch, call);
      long key = scratch.path(call, name);
      long count = call.attempt(file, key, scratch.address(at), size, 0, 0);
      if (count >= 0) {
        return scratch.memory().getBytes(at, (int) count);
      }
      if (count == -Errno.ENODATA) {
        return null;
      }
      if (count != -Errno.ERANGE) {
        throw new ErrnoException(call.call(), (int) -count, described(name));
      }
      try (NativeMemory large = NativeMemory.of(MAX)) {
        long all = call.on(described(name), file, key, large.address(), MAX);
        return large.getBytes(0, (int) all);
      }
    }
  }

  List<String> list() {
    Sys call = fd != null ? Sys.FLISTXATTR : Sys.LLISTXATTR;
    try (Scratch scratch = Scratch.borrow()) {
      long file = file(scratch, call);
      int size = 1024;
      int at = scratch.reserve(size);
      long count = call.attempt(file, scratch.address(at), size, 0, 0, 0);
      if (count >= 0) {
        return split(scratch.memory().getBytes(at, (int) count));
      }
      if (count != -Errno.ERANGE) {
        throw new ErrnoException(call.call(), (int) -count, what);
      }
      try (NativeMemory large = NativeMemory.of(MAX)) {
        return split(large.getBytes(0, (int) call.on(what, file, large.address(), MAX)));
      }
    }
  }

  private static List<String> split(byte[] names) {
    List<String> list = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        list.add(FileName.decode(names, start, i - start));
        start = i + 1;
      }
    }
    return list;
  }

  void remove(String name) {
    Sys call = fd != null ? Sys.FREMOVEXATTR : Sys.LREMOVEXATTR;
    try (Scratch scratch = Scratch.borrow()) {
      call.on(described(name), file(scratch, call), scratch.path(call, name));
    }
  }

  private long file(Scratch scratch, Sys call) {
    return fd != null ? fd.number() : scratch.path(call, path);
  }

  private String described(String name) {
    return what + ", " + name;
  }
}
