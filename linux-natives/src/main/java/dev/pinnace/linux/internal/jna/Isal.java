package dev.pinnace.linux.internal.jna;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/**
 * The functions of ISA-L (igzip_lib.h) that Pinnace calls, bound directly where it is installed.
 */
public final class Isal {
  private static final String LIBRARY = "libisal.so.2";

  static {
    Native.register(Isal.class, NativeLibrary.getInstance(LIBRARY));
  }

  private Isal() {}

  /** Begins at the state of that address. */
  public static native void isal_inflate_init(long state);

  /** Begins anew. */
  public static native void isal_inflate_reset(long state);

  /** Goes on: 0, or a negative number for damage. */
  public static native int isal_inflate(long state);
}
