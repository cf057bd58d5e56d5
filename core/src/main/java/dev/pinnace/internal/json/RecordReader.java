package dev.pinnace.internal.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Makes records of what {@link RecordWriter} wrote. Members that the record does not have are
 * ignored; an optional value, number, flag or collection that is missing is empty, zero, false.
 */
public final class RecordReader {
  private RecordReader() {}

  /**
   * The record that {@code node} is.
   *
   * @throws IllegalArgumentException when it is none, with the place
   */
  public static <T extends Record> T read(JsonNode node, Class<T> type) {
    return type.cast(record(node, type, type.getSimpleName()));
  }

  private static Object record(JsonNode node, Class<?> type, String where) {
    expect(node.isObject(), "an object", node, where);
    RecordShape shape = RecordShape.of(type);
    List<Object> values = new ArrayList<>();
    for (RecordComponent component : shape.components()) {
      String name = component.getName();
      values.add(value(node.path(name), component.getGenericType(), where + "." + name));
    }
    try {
      return shape.make(values.toArray());
    } catch (IllegalArgumentException refusal) {
      throw new IllegalArgumentException(where + ": " + refusal.getMessage(), refusal);
    }
  }

  private static Object value(JsonNode node, Type type, String where) {
    return type instanceof ParameterizedType generic
        ? container(node, generic, where)
        : single(node, (Class<?>) type, where);
  }

  private static Object container(JsonNode node, ParameterizedType type, String where) {
    Type[] of = type.getActualTypeArguments();
    boolean absent = isAbsent(node);
    if (type.getRawType() == Optional.class) {
      return absent ? Optional.empty() : Optional.of(value(node, of[0], where));
    } else if (type.getRawType() == Map.class) {
      expect(absent || node.isObject(), "an object", node, where);
      Map<String, Object> members = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> member : node.properties()) {
        String name = member.getKey();
        members.put(name, value(member.getValue(), of[1], where + "." + name));
      }
      return members;
    }
    if (node.isTextual() && of[0] == String.class) {
      return List.of(node.textValue()); // written when there could be one only
    }
    expect(absent || node.isArray(), "an array", node, where);
    Collection<Object> elements = empty(type);
    for (int i = 0; i < node.size(); i++) {
      elements.add(value(node.get(i), of[0], where + "[" + i + "]"));
    }
    return elements;
  }

  private static Collection<Object> empty(ParameterizedType type) {
    if (type.getRawType() == List.class) {
      return new ArrayList<>();
    } else if (type.getRawType() == Set.class) {
      return new LinkedHashSet<>();
    }
    throw new IllegalStateException("no form in JSON for " + type);
  }

  private static Object single(JsonNode node, Class<?> type, String where) {
    boolean absent = isAbsent(node);
    if (type == OptionalInt.class) {
      return absent ? OptionalInt.empty() : OptionalInt.of((int) whole(node, Integer.SIZE, where));
    } else if (type == OptionalLong.class) {
      return absent ? OptionalLong.empty() : OptionalLong.of(whole(node, Long.SIZE, where));
    } else if (type == OptionalDouble.class) {
      expect(absent || node.isNumber(), "a number", node, where);
      return absent ? OptionalDouble.empty() : OptionalDouble.of(node.doubleValue());
    } else if (type == boolean.class) {
      expect(absent || node.isBoolean(), "true or false", node, where);
      return node.booleanValue();
    } else if (type == int.class || type == Integer.class) {
      return (int) whole(node, Integer.SIZE, where);
    } else if (type == long.class || type == Long.class) {
      return whole(node, Long.SIZE, where);
    }
    return type.isRecord() ? record(node, type, where) : text(node, type, where);
  }

  private static long whole(JsonNode node, int bits, String where) {
    boolean fits = bits == Integer.SIZE ? node.canConvertToInt() : node.canConvertToLong();
    expect(isAbsent(node) || (node.isIntegralNumber() && fits), "a whole number", node, where);
    return node.longValue();
  }

  private static Object text(JsonNode node, Class<?> type, String where) {
    expect(node.isTextual(), "text", node, where);
    String text = node.textValue();
    try {
      if (type == String.class) {
        return text;
      } else if (type == Instant.class) {
        return Instant.parse(text);
      } else if (type == Duration.class) {
        return Duration.parse(text);
      } else if (type == Path.class) {
        return Path.of(text);
      }
      for (Object constant : type.isEnum() ? type.getEnumConstants() : new Object[0]) {
        if (((Enum<?>) constant).name().equals(text)) {
          return constant;
        }
      }
    } catch (java.time.DateTimeException | IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        where + " is not a " + type.getSimpleName() + ": \"" + text + "\"");
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static void expect(boolean holds, String what, JsonNode node, String where) {
    if (!holds) {
      throw new IllegalArgumentException(where + " is not " + what + " but " + node.getNodeType());
    }
  }
}
