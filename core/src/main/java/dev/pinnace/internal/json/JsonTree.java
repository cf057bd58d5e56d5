package dev.pinnace.internal.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pinnace.error.Printable;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a document into a tree. An {@code ObjectMapper} would do the same, but a fresh JVM spends
 * longer on setting one up than on everything else between its start and its first container.
 */
public final class JsonTree {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;\\]]*; ([^\\]]*)\\]");
  private static final Pattern BOUND =
      Pattern.compile(
          "exceeds the maximum allowed \\(([0-9]+), from `StreamReadConstraints.getMax(\\w+)");

  /** What Jackson says of its own settings. */
  private static final Pattern SETTING =
      Pattern.compile(": enable `[\\w.]+` to allow| \\(not recognized as one since [^)]*\\)");

  private JsonTree() {}

  /**
   * The one value that {@code parser} has, nested at most as deep as its factory allows; a missing
   * node for an empty document.
   *
   * @throws JsonParseException when something follows the value, or it is no JSON
   */
  public static JsonNode read(JsonParser parser) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      return NODES.missingNode();
    }
    JsonNode value = value(parser, first);
    JsonToken next = parser.nextToken();
    if (next != null) {
      throw new JsonParseException(parser, "there is more after the document");
    }
    return value;
  }

  /**
   * Why a document could not be read, in one line: Jackson's words without the source, which it
   * hides anyway, and without the names of its classes.
   */
  public static String reason(Exception failure) {
    String words =
        failure instanceof JacksonException parsing
            ? parsing.getOriginalMessage()
            : failure.getMessage();
    if (words == null) {
      return failure.toString();
    }
    Matcher bound = BOUND.matcher(words);
    String plain = bound.find() ? exceeded(bound.group(2), bound.group(1)) : words;
    String settled = SETTING.matcher(SOURCE.matcher(plain).replaceAll("$1")).replaceAll("");
    return Printable.line(settled);
  }

  private static String exceeded(String what, String most) {
    return switch (what) {
      case "NestingDepth" -> "it is nested deeper than " + most + " levels";
      case "NumberLength" -> "a number in it is longer than " + most + " digits";
      case "StringLength" -> "a text in it is longer than " + most + " characters";
      case "NameLength" -> "a name in it is longer than " + most + " characters";
      case "DocumentLength" -> "it is longer than " + most + " bytes";
      default -> "it has more than " + most + " parts";
    };
  }

  private static JsonNode value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> NODES.textNode(whole(parser, parser.getText()));
      case VALUE_NUMBER_INT -> number(parser);
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      default -> throw new JsonParseException(parser, "unexpected " + token);
    };
  }

  /** The text, which no other program would read as we do where it has half a character. */
  private static String whole(JsonParser parser, String text) throws JsonParseException {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          throw new JsonParseException(parser, "half of a surrogate pair stands in a text");
        }
        i++;
      }
    }
    return text;
  }

  private static JsonNode number(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  private static ObjectNode object(JsonParser parser) throws IOException {
    ObjectNode object = NODES.objectNode();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      object.set(whole(parser, name), value(parser, parser.nextToken()));
    }
    return object;
  }

  private static ArrayNode array(JsonParser parser) throws IOException {
    ArrayNode array = NODES.arrayNode();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      array.add(value(parser, token));
    }
    return array;
  }
}
