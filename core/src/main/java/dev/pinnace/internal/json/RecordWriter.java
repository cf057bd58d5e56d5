package dev.pinnace.internal.json;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.pinnace.error.InvalidSpecException;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes records as objects: a member for each component, and nothing that is not one. Optional
 * values are the value or null, times and durations ISO 8601, paths text.
 */
public final class RecordWriter {
  private RecordWriter() {}

  /**
   * Writes {@code value}: a record, or what a record's component may hold.
   *
   * @throws IllegalArgumentException for a value of any other type
   * @throws InvalidSpecException for half of a surrogate pair, which nobody could read back
   */
  public static void write(JsonGenerator out, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof String text) {
      out.writeString(whole(text));
    } else if (value instanceof Record record) {
      object(out, record);
    } else if (value instanceof Collection<?> elements) {
      out.writeStartArray();
      for (Object element : elements) {
        write(out, element);
      }
      out.writeEndArray();
    } else if (value instanceof Map<?, ?> members) {
      out.writeStartObject();
      for (Map.Entry<?, ?> member : members.entrySet()) {
        out.writeFieldName(whole((String) member.getKey()));
        write(out, member.getValue());
      }
      out.writeEndObject();
    } else if (value instanceof Boolean flag) {
      out.writeBoolean(flag);
    } else if (value instanceof Enum<?> constant) {
      out.writeString(constant.name());
    } else if (value instanceof Number number) {
      number(out, number);
    } else if (value instanceof Instant || value instanceof Duration || value instanceof Path) {
      out.writeString(value.toString());
    } else {
      write(out, content(value));
    }
  }

  private static void object(JsonGenerator out, Record record) throws IOException {
    out.writeStartObject();
    for (RecordComponent component : RecordShape.of(record.getClass()).components()) {
      out.writeFieldName(component.getName());
      write(out, RecordShape.value(component, record));
    }
    out.writeEndObject();
  }

  private static String whole(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          throw new InvalidSpecException(
              "a text has half of a surrogate pair (RFC 8259, 8.2), which is no character: \""
                  + text.substring(0, i)
                  + "...\"; give it in full");
        }
        i++;
      }
    }
    return text;
  }

  private static void number(JsonGenerator out, Number number) throws IOException {
    if (number instanceof Integer || number instanceof Long) {
      out.writeNumber(number.longValue());
    } else if (number instanceof Double) {
      out.writeNumber(number.doubleValue());
    } else {
      throw new IllegalArgumentException("no form in JSON for " + number.getClass());
    }
  }

  private static @Nullable Object content(Object value) {
    if (value instanceof Optional<?> optional) {
      return optional.orElse(null);
    } else if (value instanceof OptionalInt optional) {
      return optional.isPresent() ? optional.getAsInt() : null;
    } else if (value instanceof OptionalLong optional) {
      return optional.isPresent() ? optional.getAsLong() : null;
    } else if (value instanceof OptionalDouble optional) {
      return optional.isPresent() ? optional.getAsDouble() : null;
    }
    throw new IllegalArgumentException("no form in JSON for " + value.getClass());
  }
}
