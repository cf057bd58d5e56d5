package dev.pinnace.internal.image.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, typed, of a document from outside. Absent and {@code null} mean
 * the same, as programs in Go write them. Whatever has another type than it should is a {@link
 * CorruptException} that names the document and the member. Documents are bounded in size and
 * depth, and what two readers would see two documents in is refused: a member that occurs twice,
 * another encoding than UTF-8, half of a surrogate pair.
 */
final class JsonFields {
  private static final int DEEPEST = 64;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxDocumentLength(ImageJson.LARGEST_DOCUMENT)
                  .build())
          .build();

  private final JsonNode node;
  private final String where;

  private JsonFields(JsonNode node, String where) {
    this.node = node;
    this.where = where;
  }

  /** Reads a document that must be an object; {@code what} names it in messages. */
  static JsonFields parse(byte[] document, String what) {
    return new JsonFields(tree(document, what), what).requireObject();
  }

  /** Reads a document that must be an array of objects. */
  static List<JsonFields> parseArray(byte[] document, String what) {
    JsonNode root = tree(document, what);
    if (!root.isArray()) {
      throw new CorruptException(what + " is not a JSON array");
    }
    return elements(root, what);
  }

  private static JsonNode tree(byte[] document, String what) {
    if (document.length > ImageJson.LARGEST_DOCUMENT) {
      throw new CorruptException(
          what + " has " + document.length + " bytes; the limit is " + ImageJson.LARGEST_DOCUMENT);
    }
    CharBuffer text = decoded(document, what);
    try (JsonParser parser = JSON.createParser(text.array(), text.position(), text.length())) {
      return JsonTree.read(parser);
    } catch (JacksonException refusal) {
      throw new CorruptException(
          what + " is not a usable JSON document: " + JsonTree.reason(refusal), refusal);
    } catch (IOException impossible) {
      throw new CorruptException(what + " cannot be read: " + impossible.getMessage(), impossible);
    }
  }

  /** Another encoding, or a mark of one, would mean another document to another reader. */
  private static CharBuffer decoded(byte[] document, String what) {
    try {
      CharBuffer text = UTF_8.newDecoder().decode(ByteBuffer.wrap(document));
      if (text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK) {
        throw new CorruptException(
            what + " begins with a byte order mark, which JSON has not (RFC 8259, 8.1)");
      }
      if (text.chars().anyMatch(c -> c == 0)) {
        throw notUtf8(what, null);
      }
      return text;
    } catch (CharacterCodingException refusal) {
      throw notUtf8(what, refusal);
    }
  }

  private static CorruptException notUtf8(String what, @Nullable Exception cause) {
    return new CorruptException(what + " is not UTF-8, as JSON must be (RFC 8259, 8.1)", cause);
  }

  private JsonFields requireObject() {
    if (!node.isObject()) {
      throw wrong("is not a JSON object");
    }
    return this;
  }

  private static List<JsonFields> elements(JsonNode array, String where) {
    List<JsonFields> list = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      list.add(new JsonFields(array.get(i), where + "[" + i + "]").requireObject());
    }
    return list;
  }

  /** An exception that says what is wrong with this object. */
  CorruptException wrong(String why) {
    return new CorruptException(where + " " + Printable.line(why));
  }

  /** The object itself. */
  JsonNode node() {
    return node;
  }

  private JsonNode get(String key) {
    return node.path(key);
  }

  private static boolean absent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private CorruptException wrongType(String key, String expected) {
    return new CorruptException(where + "." + Printable.line(key) + " is not " + expected);
  }

  /** Whether the member is there and not null. */
  boolean has(String key) {
    return !absent(get(key));
  }

  /** A string, or {@code ""}. */
  String text(String key) {
    JsonNode value = get(key);
    if (absent(value)) {
      return "";
    }
    if (!value.isTextual()) {
      throw wrongType(key, "a string");
    }
    return value.textValue();
  }

  /** A string that must be there. */
  String requiredText(String key) {
    String value = text(key);
    if (value.isEmpty()) {
      throw new CorruptException(where + "." + key + " is missing");
    }
    return value;
  }

  /** A non-empty string. */
  Optional<String> optionalText(String key) {
    return Optional.of(text(key)).filter(text -> !text.isEmpty());
  }

  /** A whole number, or {@code otherwise}. */
  long number(String key, long otherwise) {
    JsonNode value = get(key);
    if (absent(value)) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrongType(key, "a whole number");
    }
    return value.longValue();
  }

  /** A boolean, false where absent. */
  boolean flag(String key) {
    JsonNode value = get(key);
    if (!absent(value) && !value.isBoolean()) {
      throw wrongType(key, "true or false");
    }
    return value.booleanValue();
  }

  /** A time of RFC 3339. */
  Optional<Instant> time(String key) {
    return optionalText(key)
        .map(
            text -> {
              try {
                return Instant.parse(text);
              } catch (DateTimeException refusal) {
                throw new CorruptException(
                    where + "." + key + " is not a time: \"" + Printable.line(text) + "\"",
                    refusal);
              }
            });
  }

  /** A digest that must be there. */
  Digest digest(String key) {
    return digestOf(requiredText(key), where + "." + key);
  }

  /** An array of digests. */
  List<Digest> digests(String key) {
    return strings(key).stream().map(text -> digestOf(text, where + "." + key)).toList();
  }

  private static Digest digestOf(String text, String where) {
    try {
      return Digest.parse(text);
    } catch (InvalidSpecException refusal) {
      throw new CorruptException(where + ": " + refusal.getMessage(), refusal);
    }
  }

  /** An array of strings, empty where absent. */
  List<String> strings(String key) {
    JsonNode value = get(key);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrongType(key, "an array");
    }
    List<String> list = new ArrayList<>(value.size());
    for (JsonNode element : value) {
      if (!element.isTextual()) {
        throw wrongType(key, "an array of strings");
      }
      list.add(element.textValue());
    }
    return list;
  }

  /** An object of strings, empty where absent. */
  Map<String, String> stringMap(String key) {
    Map<String, String> map = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : members(key)) {
      if (!entry.getValue().isTextual()) {
        throw wrongType(key + "." + entry.getKey(), "a string");
      }
      map.put(entry.getKey(), entry.getValue().textValue());
    }
    return map;
  }

  /** The keys of an object whose values say nothing, Go's way to write a set. */
  SortedSet<String> set(String key) {
    SortedSet<String> set = new TreeSet<>();
    members(key).forEach(entry -> set.add(entry.getKey()));
    return set;
  }

  private Iterable<Map.Entry<String, JsonNode>> members(String key) {
    JsonNode value = get(key);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isObject()) {
      throw wrongType(key, "an object");
    }
    return value.properties();
  }

  /** An array of objects, empty where absent. */
  List<JsonFields> objects(String key) {
    JsonNode value = get(key);
    if (absent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrongType(key, "an array");
    }
    return elements(value, where + "." + key);
  }

  /** An object. */
  Optional<JsonFields> object(String key) {
    JsonNode value = get(key);
    return absent(value)
        ? Optional.empty()
        : Optional.of(new JsonFields(value, where + "." + key).requireObject());
  }
}
