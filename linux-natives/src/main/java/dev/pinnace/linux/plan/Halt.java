package dev.pinnace.linux.plan;

import static dev.pinnace.linux.plan.Constants.AT_FDCWD;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steps that halt a plan for {@link LaunchPlan#haltingBefore}. */
final class Halt {
  private static final int F_SETFL = 4;
  private static final byte GO = 'g';

  private Halt() {}

  /** In STAGE and CHILD: tells the supervisor, and waits for what does not come. */
  static List<Step> inChild(int position, int millis) {
    return List.of(
        step(Operation.SYNC, null, null, Operand.of(position)),
        step(
            Operation.AWAIT,
            null,
            null,
            Register.HALT,
            new Operand.Immediate(millis, millis + "ms")));
  }

  /** First in STAGE: process 1 of the host does not end. */
  static Step openWhatDoesNotEnd() {
    return step(Operation.CALL, Sys.PIDFD_OPEN, Register.HALT, Operand.of(1), Operand.of(0));
  }

  /**
   * In the supervisor, which serves nobody meanwhile: it writes into one pipe and reads from
   * another until its last writer has gone, which makes the step after that fail.
   */
  static List<Step> inSupervisor(Path pipes, Data data) {
    Operand reached = data.text(pipes.resolve("reached").toString());
    Operand go = data.text(pipes.resolve("go").toString());
    Operand.Blob byteOf = data.bytes(new byte[] {GO, 0, 0, 0, 0, 0, 0, 0});
    Operand.Blob mask = data.bytes(new byte[] {-1, 0, 0, 0, 0, 0, 0, 0});
    Operand.Scratch answer = data.word();
    Operand one = Operand.of(1);
    return List.of(
        open(reached, Fcntl.O_WRONLY),
        step(Operation.CALL, Sys.WRITE, null, Register.HALT, byteOf, one),
        step(Operation.CALL, Sys.CLOSE, null, Register.HALT),
        open(go, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK),
        step(Operation.CALL, Sys.FCNTL, null, Register.HALT, Operand.of(F_SETFL), Operand.of(0)),
        step(Operation.CALL, Sys.READ, null, Register.HALT, answer, one),
        step(Operation.CALL, Sys.CLOSE, null, Register.HALT),
        step(Operation.CHECK, null, null, answer, mask, byteOf, Operand.of(Errno.ETIMEDOUT)));
  }

  private static Step open(Operand path, int flags) {
    return step(
        Operation.CALL,
        Sys.OPENAT,
        Register.HALT,
        Operand.flags(AT_FDCWD),
        path,
        Operand.of(flags | Fcntl.O_CLOEXEC),
        Operand.of(0));
  }

  private static Step step(
      Operation operation, @Nullable Sys call, @Nullable Register to, Operand... operands) {
    return new Step(
        operation, call, List.of(operands), to, null, false, List.of(), "halt for a test");
  }

  /** A plan's blob and scratch, which both are whole words, and what is put behind them. */
  static final class Data {
    private byte[] blob;
    private byte[] scratch;

    Data(byte[] blob, byte[] scratch) {
      this.blob = blob;
      this.scratch = scratch;
    }

    byte[] blob() {
      return blob;
    }

    byte[] scratch() {
      return scratch;
    }

    Operand.Blob text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return bytes(Arrays.copyOf(bytes, (bytes.length + 8) & ~7));
    }

    Operand.Blob bytes(byte[] words) {
      int offset = blob.length;
      blob = Arrays.copyOf(blob, offset + words.length);
      System.arraycopy(words, 0, blob, offset, words.length);
      return new Operand.Blob(offset, words.length, "halt");
    }

    /** One word more. */
    Operand.Scratch word() {
      int offset = scratch.length;
      scratch = Arrays.copyOf(scratch, offset + 8);
      return new Operand.Scratch(offset, 8, "halt");
    }
  }
}
