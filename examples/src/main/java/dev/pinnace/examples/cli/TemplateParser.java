package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.examples.cli.TemplateNode.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads templates: text with actions in double braces. */
final class TemplateParser {
  private static final Pattern ACTION =
      Pattern.compile(
          "\\{\\{(-\\s)?((?:\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`|(?!}}).)*?)(\\s-)?}}", Pattern.DOTALL);
  private static final Pattern ASSIGNMENT =
      Pattern.compile("(\\$\\w+)\\s*:?=\\s*(.*)", Pattern.DOTALL);
  private static final Pattern RANGE =
      Pattern.compile("(\\$\\w+)(?:\\s*,\\s*(\\$\\w+))?\\s*:=\\s*(.*)", Pattern.DOTALL);
  private static final TemplateNode NOTHING = new TemplateNode.Sequence(List.of());

  /** What ends a part. */
  private static final Set<String> ENDS = Set.of("end", "else");

  private final String format;

  /** Texts and, at odd places, actions in turn. */
  private final List<String> parts = new ArrayList<>();

  private int at;

  private TemplateParser(String format) {
    this.format = format;
    Matcher action = ACTION.matcher(format);
    int from = 0;
    boolean trim = false;
    while (action.find()) {
      addText(format.substring(from, action.start()), trim, action.group(1) != null);
      parts.add(action.group(2).strip());
      trim = action.group(3) != null;
      from = action.end();
    }
    addText(format.substring(from), trim, false);
  }

  private void addText(String text, boolean trimBefore, boolean trimAfter) {
    if (text.contains("{{")) {
      throw wrong("a {{ has no }}");
    }
    String result = trimBefore ? text.stripLeading() : text;
    result = trimAfter ? result.stripTrailing() : result;
    parts.add(result.replace("\\t", "\t").replace("\\n", "\n"));
  }

  /**
   * The template that {@code format} is.
   *
   * @throws InvalidSpecException if it is none
   */
  static TemplateNode parse(String format) {
    TemplateParser parser = new TemplateParser(format);
    TemplateNode all = parser.sequence();
    if (parser.at < parser.parts.size()) {
      throw parser.wrong("there is nothing that {{" + parser.parts.get(parser.at) + "}} could end");
    }
    return all;
  }

  /** Reads up to an end, or the end of all. */
  private TemplateNode sequence() {
    List<TemplateNode> nodes = new ArrayList<>();
    while (at < parts.size()) {
      String part = parts.get(at);
      if (at % 2 == 0) {
        nodes.add(new TemplateNode.Text(part));
        at++;
      } else if (ENDS.contains(keyword(part))) {
        break;
      } else {
        at++;
        nodes.add(action(part));
      }
    }
    return new TemplateNode.Sequence(nodes);
  }

  private static String keyword(String action) {
    return action.split("\\s+", 2)[0];
  }

  private static String rest(String action) {
    String[] words = action.split("\\s+", 2);
    return words.length == 2 ? words[1] : "";
  }

  private TemplateNode action(String action) {
    switch (keyword(action)) {
      case "if" -> {
        Expression condition = expression(rest(action));
        TemplateNode then = sequence();
        return new TemplateNode.If(condition, then, otherwise(action));
      }
      case "with" -> {
        Expression value = expression(rest(action));
        TemplateNode then = sequence();
        return new TemplateNode.With(value, then, otherwise(action));
      }
      case "range" -> {
        return range(action);
      }
      default -> {
        if (action.startsWith("/*")) {
          return NOTHING;
        }
        Matcher assignment = ASSIGNMENT.matcher(action);
        return assignment.matches()
            ? new TemplateNode.Assignment(assignment.group(1), expression(assignment.group(2)))
            : new TemplateNode.Output(expression(action));
      }
    }
  }

  private TemplateNode range(String action) {
    Matcher named = RANGE.matcher(rest(action));
    List<String> names = new ArrayList<>();
    if (named.matches()) {
      names.add(named.group(1));
      if (named.group(2) != null) {
        names.add(named.group(2));
      }
    }
    Expression all = expression(named.matches() ? named.group(3) : rest(action));
    TemplateNode body = sequence();
    return new TemplateNode.Range(names, all, body, otherwise(action));
  }

  /** What comes after else, up to the end of {@code action}. */
  private TemplateNode otherwise(String action) {
    if (at >= parts.size()) {
      throw wrong("{{" + action + "}} has no {{end}}");
    }
    String end = parts.get(at++);
    if (keyword(end).equals("end")) {
      return NOTHING;
    }
    if (!rest(end).isEmpty()) {
      return action(rest(end)); // else if, which takes the end
    }
    TemplateNode otherwise = sequence();
    if (at >= parts.size() || !keyword(parts.get(at++)).equals("end")) {
      throw wrong("{{" + action + "}} has no {{end}}");
    }
    return otherwise;
  }

  private Expression expression(String text) {
    try {
      return TemplateExpression.parse(text);
    } catch (InvalidSpecException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private InvalidSpecException wrong(String why) {
    return new InvalidSpecException("--format " + format + ": " + why);
  }
}
