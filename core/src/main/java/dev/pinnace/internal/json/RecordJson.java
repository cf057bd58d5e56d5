package dev.pinnace.internal.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.pinnace.error.CorruptException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Function;

/** Records as JSON, in files of the engine's own. */
public final class RecordJson {
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

  private RecordJson() {}

  /** Writes a record. */
  public static byte[] encode(Record record) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_SIZE);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      RecordWriter.write(out, record);
    } catch (IOException e) {
      throw new IllegalStateException("a " + record.getClass().getSimpleName(), e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads one back.
   *
   * @throws IOException if it is damaged; what the record itself refuses is its own exception
   */
  public static <T extends Record> T decode(byte[] bytes, Class<T> type) throws IOException {
    try (JsonParser parser = JSON.createParser(bytes)) {
      return RecordReader.read(JsonTree.read(parser), type);
    }
  }

  /**
   * Reads one back from the file of what it is about.
   *
   * @param name of what a record is about
   * @param expected that name
   * @param source which file
   * @param fix what to do about one that is damaged
   * @throws CorruptException if it is damaged, or about something else
   */
  public static <T extends Record> T decode(
      byte[] bytes,
      Class<T> type,
      Function<T, String> name,
      String expected,
      String source,
      String fix) {
    try {
      T record = decode(bytes, type);
      if (!name.apply(record).equals(expected)) {
        throw new IOException("it is that of " + name.apply(record));
      }
      return record;
    } catch (IOException | RuntimeException e) {
      throw new CorruptException(source + " is damaged: " + JsonTree.reason(e) + "; " + fix, e);
    }
  }
}
