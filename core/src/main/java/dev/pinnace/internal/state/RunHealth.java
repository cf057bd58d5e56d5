package dev.pinnace.internal.state;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.internal.json.RecordReader;
import dev.pinnace.internal.json.RecordWriter;
import dev.pinnace.spec.Health;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;

/**
 * What is written of a container's health.
 *
 * @param started when the run began that was checked
 * @param health in that run
 */
public record RunHealth(Instant started, Health health) {
  private static final JsonFactory JSON = new JsonFactory();

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      RecordWriter.write(out, this);
    } catch (IOException e) {
      throw new IllegalStateException("a container's health cannot be written", e);
    }
    return bytes.toByteArray();
  }

  /**
   * What was written.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  static RunHealth decode(byte[] bytes) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      return RecordReader.read(JsonTree.read(parser), RunHealth.class);
    } catch (IOException e) {
      throw new IllegalArgumentException(JsonTree.reason(e), e);
    }
  }
}
