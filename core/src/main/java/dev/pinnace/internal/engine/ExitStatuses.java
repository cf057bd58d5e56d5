package dev.pinnace.internal.engine;

import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ExitRecord;
import dev.pinnace.spi.isolation.ExitRecord.Cause;
import java.time.Duration;
import java.util.Optional;

/** Exit statuses from exit records. */
final class ExitStatuses {
  private static final ExitStatus UNKNOWN = unknown("supervisor killed");

  private ExitStatuses() {}

  /** Nobody knows, and this is why. */
  static ExitStatus unknown(String reason) {
    return new ExitStatus(
        ExitStatus.UNKNOWN,
        Optional.empty(),
        false,
        false,
        false,
        false,
        "exit status unknown: " + reason,
        Optional.empty(),
        Optional.empty(),
        0,
        new ExitStatus.Usage(Duration.ZERO, Bytes.ZERO));
  }

  /** The status; unknown where there is no record. */
  static ExitStatus of(Optional<ExitRecord> record) {
    return record.map(ExitStatuses::of).orElse(UNKNOWN);
  }

  /** The same for a run whose output was captured: being cut short need not have ended it. */
  static ExitStatus ofRun(Optional<ExitRecord> record, RunOptions options) {
    return record.map(r -> of(r, options.endWhenFull())).orElse(UNKNOWN);
  }

  private static String remark(ExitRecord record) {
    if (record.causes().contains(Cause.ENGINE_ENDED)) {
      return "ended with its engine";
    }
    if (!record.failure().isEmpty()) {
      return "it could not be started: " + record.failure();
    }
    return LostOutput.of(record).orElse("");
  }

  /** What the record says. */
  static ExitStatus of(ExitRecord record) {
    return of(record, true);
  }

  private static ExitStatus of(ExitRecord record, boolean endsWhenFull) {
    return new ExitStatus(
        record.code(),
        record.signal() == 0 ? Optional.empty() : Optional.of(new Signal(record.signal())),
        record.causes().contains(Cause.OUT_OF_MEMORY),
        record.causes().contains(Cause.TIME_LIMIT),
        record.causes().contains(Cause.STOPPED),
        endsWhenFull && record.causes().contains(Cause.OUTPUT_LIMIT),
        remark(record),
        record.started(),
        Optional.of(record.finished()),
        record.restarts(),
        new ExitStatus.Usage(record.cpu(), Bytes.of(record.peakMemory())));
  }
}
