package dev.pinnace.linux.seccomp;

import dev.pinnace.linux.Kernel.Architecture;
import java.util.List;

/**
 * A system call interface of a kernel: what a process runs through, and what a filter tells apart
 * by the architecture word of {@code struct seccomp_data} and, for x32, by bit 30 of the number.
 */
public enum Abi {
  /** 64-bit x86. */
  X86_64("x86_64", "SCMP_ARCH_X86_64", 0xC000003E, true),
  /** 32-bit x86, which an x86_64 kernel serves through {@code int 0x80}. */
  I386("i386", "SCMP_ARCH_X86", 0x40000003, false),
  /** 32-bit pointers on x86_64: the architecture word of x86_64, bit 30 set in every number. */
  X32("x32", "SCMP_ARCH_X32", 0xC000003E, false),
  /** 64-bit ARM. */
  AARCH64("aarch64", "SCMP_ARCH_AARCH64", 0xC00000B7, true),
  /** 32-bit ARM, EABI. */
  ARM("arm", "SCMP_ARCH_ARM", 0x40000028, false);

  /** {@code __X32_SYSCALL_BIT} of {@code asm/unistd.h}. */
  public static final int X32_BIT = 0x40000000;

  private final String label;
  private final String constant;
  private final int auditArch;
  private final boolean wide;

  Abi(String label, String constant, int auditArch, boolean wide) {
    this.label = label;
    this.constant = constant;
    this.auditArch = auditArch;
    this.wide = wide;
  }

  /** The name that listings show and the column of the number table, {@code i386}. */
  public String label() {
    return label;
  }

  /** The constant that seccomp profiles use, {@code SCMP_ARCH_X86}. */
  public String constant() {
    return constant;
  }

  /** {@code AUDIT_ARCH_*} of {@code linux/audit.h}; x32 shares the one of x86_64. */
  public int auditArch() {
    return auditArch;
  }

  /** Whether arguments have 64 bits; of the others' arguments only the low 32 count. */
  public boolean wide() {
    return wide;
  }

  /** The interface that programs built for the architecture use. */
  public static Abi nativeOf(Architecture architecture) {
    return switch (architecture) {
      case X86_64 -> X86_64;
      case AARCH64 -> AARCH64;
    };
  }

  /** Every interface that a kernel of the architecture may serve, the native one first. */
  public static List<Abi> servedBy(Architecture architecture) {
    return switch (architecture) {
      case X86_64 -> List.of(X86_64, I386, X32);
      case AARCH64 -> List.of(AARCH64, ARM);
    };
  }
}
