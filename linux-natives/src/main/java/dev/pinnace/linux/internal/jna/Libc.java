package dev.pinnace.linux.internal.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The functions of the C library that Pinnace calls, bound directly. Every pointer is a raw
 * address, so callers hold the memory open (see {@link NativeMemory}) for as long as the call
 * lasts.
 */
final class Libc {
  static {
    Native.register(Libc.class, NativeLibrary.getInstance("c"));
  }

  private Libc() {}

  /** syscall(2). Throws with errno when the kernel answers -1. */
  static native long syscall(long number, long a, long b, long c, long d, long e, long f)
      throws LastErrorException;

  static native int posix_spawn(
      long pid, long path, long fileActions, long attributes, long argv, long envp);

  static native int posix_spawn_file_actions_init(long actions);

  static native int posix_spawn_file_actions_adddup2(long actions, int from, int to);

  static native int posix_spawn_file_actions_destroy(long actions);
}
