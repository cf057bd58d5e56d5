package dev.pinnace.spec;

import java.util.Objects;
import java.util.Optional;

/**
 * How {@link dev.pinnace.Containers#run} feeds and captures a container.
 *
 * @param stdin what it reads; nothing by default
 * @param outputLimit how much of its output is kept, both streams together; zero keeps nothing
 * @param endWhenFull whether it is ended when it writes more
 */
public record RunOptions(Optional<byte[]> stdin, Bytes outputLimit, boolean endWhenFull) {
  /** No input, 16 MiB of output, what is more is counted and dropped. */
  public static final RunOptions DEFAULT = new RunOptions(Optional.empty(), Bytes.mebi(16), false);

  public RunOptions {
    stdin = stdin.map(byte[]::clone);
  }

  public RunOptions withStdin(byte[] bytes) {
    Objects.requireNonNull(bytes, "bytes");
    return new RunOptions(Optional.of(bytes), outputLimit, endWhenFull);
  }

  public RunOptions withOutputLimit(Bytes limit) {
    Objects.requireNonNull(limit, "limit");
    return new RunOptions(stdin, limit, endWhenFull);
  }

  /** Ends the container when it writes more than the limit. */
  public RunOptions endingWhenFull() {
    return new RunOptions(stdin, outputLimit, true);
  }
}
