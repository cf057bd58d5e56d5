package dev.pinnace.internal.volume;

import dev.pinnace.internal.json.RecordJson;
import dev.pinnace.spec.VolumeSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is written about a volume.
 *
 * @param spec as it was asked for, with its name
 * @param created when
 */
public record VolumeRecord(VolumeSpec spec, Instant created) {
  /** So many bytes, at most. */
  static final int LARGEST = 64 << 20;

  public VolumeRecord {
    Objects.requireNonNull(created, "created");
    if (spec.name().isEmpty()) {
      throw new IllegalArgumentException("a volume without a name");
    }
  }

  /** What it is called. */
  public String name() {
    return spec.name().orElseThrow();
  }

  byte[] encode() {
    return RecordJson.encode(this);
  }

  static VolumeRecord decode(byte[] bytes, String name, String source) {
    return RecordJson.decode(
        bytes,
        VolumeRecord.class,
        VolumeRecord::name,
        name,
        source,
        "copy what is in _data beside it, and remove the volume by force");
  }

  /** What a record says, of whichever volume it is; empty if it is damaged. */
  static Optional<VolumeSpec> spec(byte[] bytes) {
    try {
      return Optional.of(RecordJson.decode(bytes, VolumeRecord.class).spec());
    } catch (IOException | RuntimeException damaged) {
      return Optional.empty();
    }
  }
}
