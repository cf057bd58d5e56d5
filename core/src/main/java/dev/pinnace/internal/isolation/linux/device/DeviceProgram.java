package dev.pinnace.internal.isolation.linux.device;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.DeviceRule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Compiles rules to a program of the type BPF_PROG_TYPE_CGROUP_DEVICE, which the kernel runs when a
 * process of the cgroup opens or makes a device node (bpf(2), linux/bpf.h: struct
 * bpf_cgroup_dev_ctx). It answers 1 where a rule permits all that is wanted, else 0.
 */
public final class DeviceProgram {
  /** Fields of the context: access in the high and type in the low half, then the numbers. */
  private static final int ACCESS_TYPE = 0;

  private static final int MAJOR = 4;
  private static final int MINOR = 8;

  /** BPF_DEVCG_DEV_BLOCK and BPF_DEVCG_DEV_CHAR. */
  private static final int BLOCK = 1;

  private static final int CHAR = 2;

  /** BPF_DEVCG_ACC_MKNOD, _READ and _WRITE. */
  private static final String ACCESS = "mrw";

  private static final int ALL_ACCESS = 7;

  /** Opcodes of the classes LDX, ALU, ALU64 and JMP with an immediate (K) or a register (X). */
  private static final int LOAD_WORD = 0x61;

  private static final int MOVE = 0xb7;
  private static final int MOVE_REGISTER = 0xbf;
  private static final int AND_32 = 0x54;
  private static final int SHIFT_RIGHT_32 = 0x74;
  private static final int JUMP_UNLESS_EQUAL = 0x55;
  private static final int JUMP_IF_ANY = 0x45;
  private static final int EXIT = 0x95;

  /** Registers: the answer, the context, and what was loaded from it. */
  private static final int ANSWER = 0;

  private static final int CONTEXT = 1;
  private static final int TYPE_REGISTER = 2;
  private static final int ACCESS_REGISTER = 3;
  private static final int MAJOR_REGISTER = 4;
  private static final int MINOR_REGISTER = 5;

  /** Instructions of every program, and of the longest rule; 4096 in all is what kernels take. */
  private static final int FRAME = 8;

  private static final int LONGEST_RULE = 6;
  private static final int MOST = (4096 - FRAME) / LONGEST_RULE;

  private final ByteBuffer code = ByteBuffer.allocate(4096 * 8).order(ByteOrder.LITTLE_ENDIAN);

  private DeviceProgram() {}

  /**
   * The program for these rules; empty when one permits everything, or there is none to enforce.
   *
   * @throws InvalidSpecException when a rule cannot be read, or there are too many
   */
  public static Optional<byte[]> compile(List<String> rules) {
    List<DeviceRule> parsed = rules.stream().distinct().map(DeviceRule::parse).toList();
    if (parsed.isEmpty() || parsed.stream().anyMatch(DeviceRule::permitsEverything)) {
      return Optional.empty();
    }
    if (parsed.size() > MOST) {
      throw new InvalidSpecException(
          parsed.size()
              + " rules for devices are more than a program has room for ("
              + MOST
              + "): permit all numbers of a kind, as in c 10:* rwm");
    }
    DeviceProgram program = new DeviceProgram();
    program.load();
    parsed.forEach(program::rule);
    program.answer(0);
    byte[] bytes = new byte[program.code.position()];
    program.code.flip().get(bytes);
    return Optional.of(bytes);
  }

  private void load() {
    put(LOAD_WORD, ACCESS_REGISTER, CONTEXT, ACCESS_TYPE, 0);
    put(MOVE_REGISTER, TYPE_REGISTER, ACCESS_REGISTER, 0, 0);
    put(AND_32, TYPE_REGISTER, 0, 0, 0xFFFF);
    put(SHIFT_RIGHT_32, ACCESS_REGISTER, 0, 0, 16);
    put(LOAD_WORD, MAJOR_REGISTER, CONTEXT, MAJOR, 0);
    put(LOAD_WORD, MINOR_REGISTER, CONTEXT, MINOR, 0);
  }

  /** Tests, each of which jumps over the rest of the rule when it fails. */
  private void rule(DeviceRule rule) {
    List<int[]> tests = new ArrayList<>();
    if (rule.type() != 'a') {
      tests.add(new int[] {JUMP_UNLESS_EQUAL, TYPE_REGISTER, rule.type() == 'b' ? BLOCK : CHAR});
    }
    int missing = ALL_ACCESS & ~mask(rule.access());
    if (missing != 0) {
      tests.add(new int[] {JUMP_IF_ANY, ACCESS_REGISTER, missing});
    }
    number(tests, MAJOR_REGISTER, rule.major());
    number(tests, MINOR_REGISTER, rule.minor());
    for (int i = 0; i < tests.size(); i++) {
      int[] test = tests.get(i);
      put(test[0], test[1], 0, tests.size() - i - 1 + 2, test[2]);
    }
    answer(1);
  }

  private static void number(List<int[]> tests, int register, OptionalLong number) {
    number.ifPresent(
        value -> tests.add(new int[] {JUMP_UNLESS_EQUAL, register, Math.toIntExact(value)}));
  }

  private static int mask(String access) {
    return access.chars().map(letter -> 1 << ACCESS.indexOf(letter)).reduce(0, (a, b) -> a | b);
  }

  private void answer(int value) {
    put(MOVE, ANSWER, 0, 0, value);
    put(EXIT, 0, 0, 0, 0);
  }

  /** struct bpf_insn: opcode, destination and source register, offset, immediate. */
  private void put(int opcode, int destination, int source, int offset, int immediate) {
    code.put((byte) opcode)
        .put((byte) (destination | source << 4))
        .putShort((short) offset)
        .putInt(immediate);
  }
}
