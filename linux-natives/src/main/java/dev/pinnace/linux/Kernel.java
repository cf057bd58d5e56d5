package dev.pinnace.linux;

/** The kernel below this JVM: architecture and release, from uname(2) as the JDK reports it. */
public final class Kernel {
  /** An architecture that has a launcher. */
  public enum Architecture {
    /** x86_64, ELF machine 62. */
    X86_64("x86_64", 62, 0xC000003E, "amd64"),
    /** aarch64, ELF machine 183. */
    AARCH64("aarch64", 183, 0xC00000B7, "arm64");

    private final String machine;
    private final int elf;
    private final int audit;
    private final String oci;

    Architecture(String machine, int elf, int audit, String oci) {
      this.machine = machine;
      this.elf = elf;
      this.audit = audit;
      this.oci = oci;
    }

    /** The name that {@code uname -m} prints. */
    public String machine() {
      return machine;
    }

    /** {@code e_machine} of elf(5). */
    public int elfMachine() {
      return elf;
    }

    /** AUDIT_ARCH_* of linux/audit.h, which seccomp filters compare. */
    public int auditArch() {
      return audit;
    }

    /** The name that image indexes use (GOARCH). */
    public String ociName() {
      return oci;
    }
  }

  private static final Architecture ARCHITECTURE = detect();
  private static final int[] RELEASE = parse(System.getProperty("os.version", "0.0"));

  private Kernel() {}

  private static Architecture detect() {
    String os = System.getProperty("os.name", "");
    String arch = System.getProperty("os.arch", "");
    if (os.equals("Linux")) {
      switch (arch) {
        case "amd64", "x86_64" -> {
          return Architecture.X86_64;
        }
        case "aarch64" -> {
          return Architecture.AARCH64;
        }
        default -> {}
      }
    }
    throw new UnsupportedOperationException(
        "Pinnace needs Linux on x86_64 or aarch64; this JVM runs on " + os + " " + arch);
  }

  /** The architecture of this JVM. */
  public static Architecture architecture() {
    return ARCHITECTURE;
  }

  /** The release as the kernel prints it, {@code 6.1.0-40-amd64}. */
  public static String release() {
    return System.getProperty("os.version", "unknown");
  }

  /** Whether the kernel is {@code major.minor} or newer. */
  public static boolean atLeast(int major, int minor) {
    return RELEASE[0] > major || (RELEASE[0] == major && RELEASE[1] >= minor);
  }

  static int[] parse(String release) {
    String[] parts = release.split("[^0-9]+", 3);
    int[] numbers = new int[2];
    for (int i = 0; i < Math.min(2, parts.length); i++) {
      numbers[i] = parts[i].isEmpty() ? 0 : Integer.parseInt(parts[i]);
    }
    return numbers;
  }
}
