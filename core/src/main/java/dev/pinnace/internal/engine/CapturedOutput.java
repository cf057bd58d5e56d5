package dev.pinnace.internal.engine;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ExecResult;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;

/**
 * A program's output in memory, both streams together up to a limit; what is more is counted.
 * Thread-safe.
 */
final class CapturedOutput {
  /** No array of the JVM is longer. */
  private static final long MOST = Integer.MAX_VALUE - 8;

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private long room;
  private long dropped;

  CapturedOutput(Bytes limit) {
    this.room = Math.min(limit.count(), MOST);
  }

  /** Takes pieces of standard output. */
  Consumer<byte[]> stdout() {
    return piece -> keep(stdout, piece);
  }

  /** Takes pieces of standard error. */
  Consumer<byte[]> stderr() {
    return piece -> keep(stderr, piece);
  }

  private synchronized void keep(ByteArrayOutputStream stream, byte[] piece) {
    int kept = (int) Math.min(piece.length, room);
    stream.write(piece, 0, kept);
    room -= kept;
    dropped += piece.length - kept;
  }

  /** The result with what has come so far. */
  synchronized ExecResult result(Execs.End end) {
    return new ExecResult(
        end.code(), stdout.toByteArray(), stderr.toByteArray(), Bytes.of(dropped), end.timedOut());
  }
}
