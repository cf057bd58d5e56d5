package dev.pinnace.internal.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.pinnace.error.CorruptException;
import java.io.IOException;

/** Records as JSON. */
final class RecordCodec {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final ObjectWriter WRITER = MAPPER.writerFor(ContainerRecord.class);

  private RecordCodec() {}

  /** Loads what {@link #encode} needs: initialising this class does it. */
  static void warmUp() {
    if (!WRITER.hasPrefetchedSerializer()) {
      throw new IllegalStateException("no serializer for " + ContainerRecord.class);
    }
  }

  static byte[] encode(ContainerRecord record) {
    try {
      return WRITER.writeValueAsBytes(record);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a container's record cannot be written", e);
    }
  }

  static ContainerRecord decode(byte[] bytes, String source) {
    try {
      return MAPPER.readValue(bytes, ContainerRecord.class);
    } catch (IOException | RuntimeException e) {
      throw new CorruptException(source + " is damaged: " + e, e);
    }
  }
}
