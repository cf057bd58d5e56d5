package dev.pinnace.linux.process;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.Optional;

/**
 * Whether this process may load BPF programs that decide over devices (bpf(2), program type
 * BPF_PROG_TYPE_CGROUP_DEVICE, since Linux 4.15). The launcher loads those of containers.
 */
public final class DeviceFilter {
  /** linux/bpf.h. */
  private static final int BPF_PROG_LOAD = 5;

  private static final int BPF_PROG_TYPE_CGROUP_DEVICE = 15;

  /** Fields of union bpf_attr for BPF_PROG_LOAD, and as much of it as they need. */
  private static final int PROG_TYPE = 0;

  private static final int INSTRUCTION_COUNT = 4;
  private static final int INSTRUCTIONS = 8;
  private static final int LICENSE = 16;
  private static final int SIZE = 48;

  /** Answers 1, and ends. */
  private static final byte[] PERMIT = {
    (byte) 0xb7, 0, 0, 0, 1, 0, 0, 0, (byte) 0x95, 0, 0, 0, 0, 0, 0, 0
  };

  private DeviceFilter() {}

  /** Loads a program and drops it again; the kernel's refusal if there is one. */
  public static Optional<ErrnoException> refusal() {
    try (NativeMemory attributes = NativeMemory.of(SIZE);
        NativeMemory program = NativeMemory.of(PERMIT);
        NativeMemory license = NativeMemory.ofString("")) {
      attributes.putInt(PROG_TYPE, BPF_PROG_TYPE_CGROUP_DEVICE);
      attributes.putInt(INSTRUCTION_COUNT, PERMIT.length / 8);
      attributes.putLong(INSTRUCTIONS, program.address());
      attributes.putLong(LICENSE, license.address());
      long fd =
          Sys.BPF.on(
              "BPF_PROG_LOAD, BPF_PROG_TYPE_CGROUP_DEVICE",
              BPF_PROG_LOAD,
              attributes.address(),
              SIZE);
      new Fd((int) fd, "device program").close();
      return Optional.empty();
    } catch (ErrnoException refusal) {
      return Optional.of(refusal);
    }
  }
}
