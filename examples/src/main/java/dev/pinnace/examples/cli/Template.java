package dev.pinnace.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.Printable;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Docker's output formats as far as they need no programming: json, {@code {{.A.B}}}. */
final class Template {
  private static final Pattern FIELD =
      Pattern.compile("\\{\\{\\s*(json\\s+)?((?:\\.\\w+)+|\\.)\\s*}}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Template() {}

  /** One object as {@code format} asks for it, its texts {@linkplain Printable printable}. */
  static String render(String format, Map<String, ?> object) {
    return render(format, object, Printable::lines);
  }

  /**
   * The same.
   *
   * @param shown makes of a field's text what is shown of it; JSON does not need it
   */
  static String render(String format, Map<String, ?> object, UnaryOperator<String> shown) {
    if (format.equals("json")) {
      return json(object);
    }
    if (FIELD.matcher(format).replaceAll("").contains("{{")) {
      throw new InvalidSpecException(
          "--format "
              + format
              + ": only json, {{.Field.Field}} and {{json .Field}} are there, not range, if and the"
              + " functions of Go's templates");
    }
    StringBuilder result = new StringBuilder();
    Matcher field = FIELD.matcher(format.replace("\\t", "\t").replace("\\n", "\n"));
    while (field.find()) {
      Object value = find(object, field.group(2));
      String text = field.group(1) == null ? shown.apply(String.valueOf(value)) : json(value);
      field.appendReplacement(result, Matcher.quoteReplacement(text));
    }
    return field.appendTail(result).toString();
  }

  static String json(@Nullable Object value) {
    try {
      return Printable.lines(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, lists and numbers are always JSON", e);
    }
  }

  static String pretty(Object value) {
    try {
      return Printable.lines(
          JSON.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, lists and numbers are always JSON", e);
    }
  }

  private static String fields(@Nullable Object here) {
    return here instanceof Map<?, ?> map
        ? "; there are: "
            + map.keySet().stream().map(String::valueOf).sorted().collect(Collectors.joining(", "))
        : "";
  }

  private static @Nullable Object find(Map<String, ?> object, String path) {
    Object here = object;
    for (String name : path.equals(".") ? new String[0] : path.substring(1).split("\\.", -1)) {
      if (!(here instanceof Map<?, ?> map) || !map.containsKey(name)) {
        throw new InvalidSpecException("--format: there is no field " + path + fields(here));
      }
      here = map.get(name);
    }
    return here;
  }
}
