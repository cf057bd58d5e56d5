package dev.pinnace.internal.volume;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.internal.json.RecordReader;
import dev.pinnace.internal.json.RecordWriter;
import dev.pinnace.spec.VolumeSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;

/**
 * What is written about a volume.
 *
 * @param spec as it was asked for, with its name
 * @param created when
 */
public record VolumeRecord(VolumeSpec spec, Instant created) {
  /** Names and texts may be as long as whoever made the volume wanted them. */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

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
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      RecordWriter.write(out, this);
    } catch (IOException e) {
      throw new IllegalStateException("a volume's record cannot be written", e);
    }
    return bytes.toByteArray();
  }

  static VolumeRecord decode(byte[] bytes, String name, String source) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      VolumeRecord record = RecordReader.read(JsonTree.read(parser), VolumeRecord.class);
      if (!record.name().equals(name)) {
        throw new IOException("it is that of volume " + record.name());
      }
      return record;
    } catch (IOException | RuntimeException e) {
      throw new CorruptException(
          source
              + " is damaged: "
              + JsonTree.reason(e)
              + "; copy what is in _data beside it, and remove the volume by force",
          e);
    }
  }
}
