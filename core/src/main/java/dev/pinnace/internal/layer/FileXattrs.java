package dev.pinnace.internal.layer;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.Inode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The extended attributes of a file that belong to it wherever it is. */
final class FileXattrs {
  private static final String CAPABILITY = "security.capability";

  /** linux/capability.h: the byte of the version, and struct vfs_ns_cap_data with its root id. */
  private static final int VERSION_AT = 3;

  private static final int NAMESPACED = 3;
  private static final int NAMESPACED_SIZE = 24;
  private static final int PLAIN = 2;
  private static final int PLAIN_SIZE = 20;

  /** Of this host or of this place: what a policy, a file system or an overlay gives by itself. */
  private static final String[] LOCAL = {
    "trusted.overlay.",
    "user.overlay.",
    "security.selinux",
    "security.evm",
    "security.ima",
    "system.nfs4_acl",
    "btrfs.",
    "trusted.SGI_ACL"
  };

  private FileXattrs() {}

  /** All of {@code name} in {@code dir}, of a symbolic link itself. */
  static SortedMap<String, byte[]> of(Dir dir, String name) {
    return collect(() -> dir.listXattrs(name), key -> dir.getXattr(name, key));
  }

  /** All of {@code dir} itself. */
  static SortedMap<String, byte[]> of(Dir dir) {
    try (Fd readable = dir.open(".", Fcntl.O_DIRECTORY, 0)) {
      return collect(() -> Inode.listXattrs(readable), key -> Inode.getXattr(readable, key));
    }
  }

  private interface Getter {
    byte @Nullable [] get(String key);
  }

  private static SortedMap<String, byte[]> collect(Supplier<List<String>> keys, Getter values) {
    SortedMap<String, byte[]> found = new TreeMap<>();
    try {
      for (String key : keys.get()) {
        byte[] value = isLocal(key) ? null : values.get(key);
        if (value != null) {
          found.put(key, key.equals(CAPABILITY) ? withoutNamespace(value) : value);
        }
      }
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOTSUP)) {
        throw refusal;
      }
    }
    return found;
  }

  private static boolean isLocal(String key) {
    return Arrays.stream(LOCAL).anyMatch(key::startsWith);
  }

  /** Capabilities that a user namespace gave hold in that one only; an image says them plainly. */
  private static byte[] withoutNamespace(byte[] value) {
    if (value.length != NAMESPACED_SIZE || value[VERSION_AT] != NAMESPACED) {
      return value;
    }
    byte[] plain = Arrays.copyOf(value, PLAIN_SIZE);
    plain[VERSION_AT] = PLAIN;
    return plain;
  }

  static boolean same(Map<String, byte[]> some, Map<String, byte[]> others) {
    return some.keySet().equals(others.keySet())
        && some.entrySet().stream()
            .allMatch(entry -> Arrays.equals(entry.getValue(), others.get(entry.getKey())));
  }
}
