package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.examples.cli.TemplateNode.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads what is between the braces of a template: a pipeline of fields, values and functions. */
final class TemplateExpression {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(?:((?:\\$\\w*|[a-zA-Z_]\\w*)?(?:\\.\\w+)+|\\$\\w*|\\.)|(\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`)|(-?\\d+)|(\\w+)"
              + "|(\\)(?:\\.\\w+)+)|([|()]))");

  private final String text;
  private final List<String> tokens = new ArrayList<>();
  private int at;

  private TemplateExpression(String text) {
    this.text = text;
    Matcher token = TOKEN.matcher(text);
    int from = 0;
    String stripped = text.stripTrailing();
    while (from < stripped.length()) {
      if (!token.find(from) || token.start() != from) {
        throw wrong("nobody knows \"" + stripped.substring(from).strip() + "\" there");
      }
      tokens.add(token.group().strip());
      from = token.end();
    }
  }

  static Expression parse(String text) {
    TemplateExpression parser = new TemplateExpression(text);
    Expression all = parser.pipeline();
    if (parser.at < parser.tokens.size()) {
      throw parser.wrong("there is a \"" + parser.tokens.get(parser.at) + "\" too many");
    }
    return all;
  }

  /** What is before a | is the last argument of what is behind. */
  private Expression pipeline() {
    Expression result = command(Optional.empty());
    while (takes("|")) {
      result = command(Optional.of(result));
    }
    return result;
  }

  private Expression command(Optional<Expression> piped) {
    if (at >= tokens.size()) {
      throw wrong("there is nothing in {{" + text + "}}");
    }
    String first = tokens.get(at);
    boolean isFunction = first.matches("[a-zA-Z_]\\w*") && !isConstant(first);
    Expression head = isFunction ? scope -> null : operand();
    at += isFunction ? 1 : 0;
    List<Expression> arguments = new ArrayList<>();
    while (at < tokens.size() && !tokens.get(at).equals("|") && !tokens.get(at).startsWith(")")) {
      arguments.add(operand());
    }
    piped.ifPresent(arguments::add);
    if (isFunction) {
      return function(first, arguments);
    } else if (arguments.isEmpty()) {
      return head;
    } else if (first.endsWith(".Label") && arguments.size() == 1) {
      return label(first.substring(0, first.length() - "Label".length()), arguments.get(0));
    }
    throw wrong(first + " is no function, and takes no argument");
  }

  private Expression function(String name, List<Expression> arguments) {
    if (!TemplateFunctions.isKnown(name)) {
      throw wrong(
          name + " is no function: there are " + String.join(", ", TemplateFunctions.names()));
    }
    return scope ->
        TemplateFunctions.call(
            name, arguments.stream().map(a -> Optional.ofNullable(a.value(scope))).toList(), scope);
  }

  /** As lists have it: the value of a label, which is empty where there is none. */
  private static Expression label(String owner, Expression name) {
    Expression labels = path(owner + "Labels");
    return scope -> {
      String label = TemplateFunctions.string(name.value(scope));
      Object known = labels.value(scope);
      return known instanceof RowLabels row
          ? row.labels().getOrDefault(label, "")
          : label.replaceFirst(".*\\.", "").replaceAll("[-_]", " ");
    };
  }

  private Expression operand() {
    String token = tokens.get(at++);
    if (token.equals("(")) {
      Expression inner = pipeline();
      if (at >= tokens.size() || !tokens.get(at).startsWith(")")) {
        throw wrong("a ( has no )");
      }
      String fields = tokens.get(at++).substring(1);
      return fields.isEmpty() ? inner : scope -> follow(inner.value(scope), fields, fields);
    }
    char first = token.charAt(0);
    if (first == '.' || first == '$') {
      return path(token);
    } else if (first == '"' || first == '`') {
      TemplateFunctions.Own text = new TemplateFunctions.Own(unquoted(token));
      return scope -> text;
    } else if (Character.isDigit(first) || first == '-') {
      Object number = token.length() < 19 ? Long.valueOf(token) : new TemplateFunctions.Own(token);
      return scope -> number;
    } else if (isConstant(token)) {
      return scope -> token.equals("nil") ? null : Boolean.valueOf(token);
    }
    throw wrong(token + " is no value: write a field as ." + token + ", a text in quotes");
  }

  private static boolean isConstant(String word) {
    return word.equals("true") || word.equals("false") || word.equals("nil");
  }

  private boolean takes(String token) {
    boolean there = at < tokens.size() && tokens.get(at).equals(token);
    at += there ? 1 : 0;
    return there;
  }

  private static String unquoted(String literal) {
    String inside = literal.substring(1, literal.length() - 1);
    return literal.startsWith("`")
        ? inside
        : inside
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\\"", "\"")
            .replace("\\\\", "\\");
  }

  /** Fields of the dot, or of a variable. */
  private static Expression path(String path) {
    int dot = path.indexOf('.');
    String variable = dot < 0 ? path : path.substring(0, dot);
    String fields = dot < 0 ? "" : path.substring(dot);
    return scope ->
        follow(variable.isEmpty() ? scope.dot() : scope.variable(variable), fields, path);
  }

  /** What is at {@code fields}, each after a dot, in a value; {@code path} is for messages. */
  private static @Nullable Object follow(@Nullable Object value, String fields, String path) {
    Object here = value;
    for (String name : fields.split("\\.", -1)) {
      if (!name.isEmpty()) {
        here = field(here, name, path);
      }
    }
    return here;
  }

  private static @Nullable Object field(@Nullable Object here, String name, String path) {
    if (here instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    throw new InvalidSpecException("--format: there is no field " + path + fields(here));
  }

  private static String fields(@Nullable Object here) {
    return here instanceof Map<?, ?> map
        ? "; there are: "
            + map.keySet().stream().map(String::valueOf).sorted().collect(Collectors.joining(", "))
        : "";
  }

  private InvalidSpecException wrong(String why) {
    return new InvalidSpecException(why);
  }
}
