package dev.pinnace.internal.state;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.internal.json.RecordReader;
import dev.pinnace.internal.json.RecordWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Records as JSON. */
final class RecordCodec {
  /** What was written is read, however long a name in it is: it is ours, and was checked before. */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final int USUAL_SIZE = 8 * 1024;

  private RecordCodec() {}

  static byte[] encode(ContainerRecord record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_SIZE);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      RecordWriter.write(out, record);
    } catch (IOException e) {
      throw new IllegalStateException("a container's record cannot be written", e);
    }
    return bytes.toByteArray();
  }

  static ContainerRecord decode(byte[] bytes, String source) {
    try (JsonParser parser = JSON.createParser(bytes)) {
      return RecordReader.read(JsonTree.read(parser), ContainerRecord.class);
    } catch (IOException | RuntimeException e) {
      throw damaged(source, JsonTree.reason(e), e);
    }
  }

  /** A record that cannot be read: the container can be removed, and that is all. */
  static CorruptException damaged(String source, String reason, @Nullable Throwable cause) {
    return new CorruptException(
        source + " is damaged: " + reason + "; remove that container by force, as rm -f does",
        cause);
  }
}
