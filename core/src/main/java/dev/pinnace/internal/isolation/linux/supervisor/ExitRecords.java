package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CorruptException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.plan.Checksum;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Reads exit records (docs/formats.md, <i>Exit record</i>). */
public final class ExitRecords {
  static final int SIZE = 96;
  static final int NEVER_STARTED = 16;

  /** Its number in the format. */
  private static final int STAGE = 3;

  /** STAGE asks for no other process than that of a container whose namespaces are joined. */
  private static final String OTHER_ENDED =
      ": the container whose namespaces it shares has ended; start that one first, then this one";

  private static final int MAGIC = 0x58454E50;
  private static final int VERSION = 1;

  private ExitRecords() {}

  /**
   * Reads the record in {@code file}; empty where there is none.
   *
   * @throws CorruptException if it is damaged or of a newer version
   */
  public static Optional<ExitRecord> read(Path file) {
    try {
      if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
        throw new CorruptException(file + " is not an exit record: it is not a regular file");
      }
      byte[] bytes = Files.readAllBytes(file);
      if (bytes.length != SIZE) {
        throw new CorruptException(
            file + " is not an exit record: it has " + bytes.length + " bytes instead of " + SIZE);
      }
      return Optional.of(decode(bytes, file.toString()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  static ExitRecord decode(byte[] bytes, String source) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getInt(0) != MAGIC
        || in.getShort(4) != VERSION
        || in.getLong(88) != Checksum.of(bytes, 0, 88)) {
      throw new CorruptException(
          source + " is not an exit record of version " + VERSION + ", or is damaged");
    }
    return fields(in);
  }

  /** Those of a last run's end, as its supervisor tells of it; empty before there was one. */
  static Optional<ExitRecord> told(ByteBuffer record) {
    return record.getLong(16) == 0 ? Optional.empty() : Optional.of(fields(record));
  }

  private static ExitRecord fields(ByteBuffer in) {
    long started = in.getLong(8);
    return new ExitRecord(
        in.getInt(24),
        in.getInt(28),
        started == 0 ? Optional.empty() : Optional.of(instant(started)),
        instant(in.getLong(16)),
        in.getInt(32),
        causes(in.getShort(6)),
        in.getInt(44),
        in.getLong(48),
        Duration.ofNanos(in.getLong(56) * 1000),
        in.getLong(64),
        failure(in));
  }

  private static String failure(ByteBuffer in) {
    int errno = in.getInt(40);
    if ((in.getShort(6) & NEVER_STARTED) == 0 || errno == 0) {
      return "";
    }
    boolean joining = in.getShort(36) == STAGE && errno == Errno.ESRCH;
    return Errno.describe(errno) + (joining ? OTHER_ENDED : "");
  }

  private static Set<Cause> causes(int flags) {
    Set<Cause> causes = EnumSet.noneOf(Cause.class);
    Cause[] byBit = {
      Cause.OUT_OF_MEMORY,
      Cause.TIME_LIMIT,
      Cause.STOPPED,
      Cause.OUTPUT_LIMIT,
      Cause.NEVER_STARTED,
      Cause.ENGINE_ENDED
    };
    for (int bit = 0; bit < byBit.length; bit++) {
      if ((flags & 1 << bit) != 0) {
        causes.add(byBit[bit]);
      }
    }
    return causes;
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
  }
}
