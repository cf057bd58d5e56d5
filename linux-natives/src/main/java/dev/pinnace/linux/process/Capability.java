package dev.pinnace.linux.process;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The 41 capabilities of capabilities(7), numbered as in {@code linux/capability.h}. A set of them
 * is a mask of bits where the kernel's files and calls take it.
 */
public enum Capability {
  CHOWN(0),
  DAC_OVERRIDE(1),
  DAC_READ_SEARCH(2),
  FOWNER(3),
  FSETID(4),
  KILL(5),
  SETGID(6),
  SETUID(7),
  SETPCAP(8),
  LINUX_IMMUTABLE(9),
  NET_BIND_SERVICE(10),
  NET_BROADCAST(11),
  NET_ADMIN(12),
  NET_RAW(13),
  IPC_LOCK(14),
  IPC_OWNER(15),
  SYS_MODULE(16),
  SYS_RAWIO(17),
  SYS_CHROOT(18),
  SYS_PTRACE(19),
  SYS_PACCT(20),
  SYS_ADMIN(21),
  SYS_BOOT(22),
  SYS_NICE(23),
  SYS_RESOURCE(24),
  SYS_TIME(25),
  SYS_TTY_CONFIG(26),
  MKNOD(27),
  LEASE(28),
  AUDIT_WRITE(29),
  AUDIT_CONTROL(30),
  SETFCAP(31),
  MAC_OVERRIDE(32),
  MAC_ADMIN(33),
  SYSLOG(34),
  WAKE_ALARM(35),
  BLOCK_SUSPEND(36),
  AUDIT_READ(37),
  PERFMON(38),
  BPF(39),
  CHECKPOINT_RESTORE(40);

  /** Every capability; unmodifiable. */
  public static final Set<Capability> ALL =
      Collections.unmodifiableSet(EnumSet.allOf(Capability.class));

  private static final String PREFIX = "CAP_";

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  /** The number that capset(2) and prctl(2) take, 0 to 40. */
  public int number() {
    return number;
  }

  /** The name with its prefix, {@code CAP_NET_RAW}, as the OCI runtime-spec writes it. */
  public String capName() {
    return PREFIX + name();
  }

  /** The bit of this capability, {@code 1 << number()}. */
  public long bit() {
    return 1L << number;
  }

  /** The capability called so, upper or lower case, with or without {@code CAP_}. */
  public static Optional<Capability> find(String name) {
    String bare = name.toUpperCase(Locale.ROOT);
    if (bare.startsWith(PREFIX)) {
      bare = bare.substring(PREFIX.length());
    }
    for (Capability capability : values()) {
      if (capability.name().equals(bare)) {
        return Optional.of(capability);
      }
    }
    return Optional.empty();
  }

  /**
   * The capability called so, upper or lower case, with or without {@code CAP_}.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public static Capability parse(String name) {
    return find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "\"" + name + "\" is not a capability; capabilities(7) lists them"));
  }

  /**
   * The capabilities called so; {@code ALL}, in any case, stands for every one.
   *
   * @return a new set, in the order of the numbers
   * @throws IllegalArgumentException for a name that is no capability
   */
  public static EnumSet<Capability> parseAll(Collection<String> names) {
    EnumSet<Capability> found = EnumSet.noneOf(Capability.class);
    for (String name : names) {
      if (name.equalsIgnoreCase("ALL")) {
        found.addAll(ALL);
      } else {
        found.add(parse(name));
      }
    }
    return found;
  }

  /** The set as a mask, bit N for capability N: what {@code /proc/PID/status} prints in hex. */
  public static long mask(Collection<Capability> capabilities) {
    long mask = 0;
    for (Capability capability : capabilities) {
      mask |= capability.bit();
    }
    return mask;
  }

  /**
   * The capabilities whose bits are set; bits above the highest that is known here are left out.
   *
   * @return a new set
   */
  public static EnumSet<Capability> ofMask(long mask) {
    EnumSet<Capability> found = EnumSet.noneOf(Capability.class);
    for (Capability capability : values()) {
      if ((mask & capability.bit()) != 0) {
        found.add(capability);
      }
    }
    return found;
  }
}
