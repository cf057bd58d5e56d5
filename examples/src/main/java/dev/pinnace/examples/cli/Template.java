package dev.pinnace.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pinnace.error.Printable;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Docker's output formats: json, and of the language of Go's text/template what is in use: fields,
 * {@code if}, {@code range}, {@code with}, variables, pipelines and the functions of {@link
 * TemplateFunctions}.
 */
final class Template {
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
    StringBuilder result = new StringBuilder();
    TemplateNode template = TemplateParser.parse(format);
    template.render(TemplateScope.of(object, shown), result);
    return result.toString();
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
}
