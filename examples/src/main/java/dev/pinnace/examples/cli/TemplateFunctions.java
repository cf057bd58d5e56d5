package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What templates can do with values. */
final class TemplateFunctions {
  private static final Set<String> NAMES =
      new TreeSet<>(
          List.of(
              "and",
              "eq",
              "index",
              "join",
              "json",
              "len",
              "lower",
              "ne",
              "not",
              "or",
              "pad",
              "print",
              "printf",
              "println",
              "split",
              "title",
              "truncate",
              "upper"));

  private TemplateFunctions() {}

  /** Text that whoever runs the command has written, or that cannot do harm: shown as it is. */
  record Own(String text) {}

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  static Set<String> names() {
    return NAMES;
  }

  /** The value of a function whose arguments are not all there is to it. */
  static @Nullable Object call(String name, List<Optional<Object>> arguments, TemplateScope scope) {
    return switch (name) {
      case "json" -> new Own(Template.json(plain(argument(name, arguments, 0))));
      case "len" -> length(argument(name, arguments, 0));
      case "index" -> index(arguments);
      case "join" ->
          new Own(
              list(name, argument(name, arguments, 0)).stream()
                  .map(scope::text)
                  .collect(Collectors.joining(string(argument(name, arguments, 1)))));
      case "split" ->
          Arrays.asList(
              string(argument(name, arguments, 0))
                  .split(Pattern.quote(string(argument(name, arguments, 1))), -1));
      case "lower" -> string(argument(name, arguments, 0)).toLowerCase(Locale.ROOT);
      case "upper" -> string(argument(name, arguments, 0)).toUpperCase(Locale.ROOT);
      case "title" -> title(string(argument(name, arguments, 0)));
      case "truncate" -> {
        String text = string(argument(name, arguments, 0));
        yield text.substring(0, Math.min(text.length(), count(name, arguments, 1)));
      }
      case "pad" -> {
        String text = string(argument(name, arguments, 0));
        String before = " ".repeat(count(name, arguments, 1));
        String after = " ".repeat(count(name, arguments, 2));
        yield text.isEmpty() ? text : before + text + after;
      }
      case "print" -> new Own(words(arguments, scope, ""));
      case "printf" ->
          new Own(
              TemplateFormat.of(
                  string(argument(name, arguments, 0)),
                  arguments.subList(1, arguments.size()),
                  scope));
      case "println" -> new Own(words(arguments, scope, " ") + "\n");
      case "not" -> !isTrue(argument(name, arguments, 0));
      case "and" -> chosen(name, arguments, false);
      case "or" -> chosen(name, arguments, true);
      case "eq" -> isOneOf(name, arguments);
      case "ne" -> !isOneOf(name, arguments);
      default -> throw wrong(name + " is no function: there are " + String.join(", ", NAMES));
    };
  }

  private static int count(String name, List<Optional<Object>> arguments, int index) {
    String number = string(argument(name, arguments, index));
    if (!number.matches("\\d{1,4}")) {
      throw wrong(name + " needs a number from 0 to 9999, not \"" + number + "\"");
    }
    return Integer.parseInt(number);
  }

  /** Each word with a capital letter. */
  private static String title(String text) {
    StringBuilder title = new StringBuilder(text.length());
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      title.append(inWord ? c : Character.toTitleCase(c));
      inWord = Character.isLetterOrDigit(c) || c == '_' || c == '\'';
    }
    return title.toString();
  }

  private static @Nullable Object argument(
      String name, List<Optional<Object>> arguments, int index) {
    if (index >= arguments.size()) {
      throw wrong(name + " needs " + (index + 1) + " arguments at least");
    }
    return arguments.get(index).orElse(null);
  }

  private static String words(
      List<Optional<Object>> arguments, TemplateScope scope, String between) {
    return arguments.stream()
        .map(argument -> scope.text(argument.orElse(null)))
        .collect(Collectors.joining(between));
  }

  /** The first argument that is as {@code wanted}, else the last. */
  private static @Nullable Object chosen(
      String name, List<Optional<Object>> arguments, boolean wanted) {
    Object last = argument(name, arguments, 0);
    for (Optional<Object> argument : arguments) {
      last = argument.orElse(null);
      if (isTrue(last) == wanted) {
        return last;
      }
    }
    return last;
  }

  private static boolean isOneOf(String name, List<Optional<Object>> arguments) {
    String first = string(argument(name, arguments, 0));
    Object unused = argument(name, arguments, 1);
    return arguments.stream().skip(1).anyMatch(other -> string(other.orElse(null)).equals(first));
  }

  private static @Nullable Object index(List<Optional<Object>> arguments) {
    Object here = argument("index", arguments, 0);
    for (int i = 1; i < arguments.size(); i++) {
      String key = string(argument("index", arguments, i));
      if (here instanceof Map<?, ?> map) {
        here = map.containsKey(key) ? map.get(key) : "";
      } else if (here instanceof List<?> list) {
        here = element(list, key);
      } else {
        throw wrong("index cannot look into " + kind(here));
      }
    }
    return here;
  }

  private static @Nullable Object element(List<?> list, String index) {
    if (!index.matches("\\d{1,9}") || Integer.parseInt(index) >= list.size()) {
      throw wrong("index " + index + " is none of a list of " + list.size());
    }
    return list.get(Integer.parseInt(index));
  }

  private static int length(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.size();
    } else if (value instanceof Collection<?> all) {
      return all.size();
    } else if (value instanceof String || value instanceof Own) {
      return string(value).length();
    }
    throw wrong("there is no len of " + kind(value));
  }

  /** The elements of a list with their numbers, or those of a map with their keys. */
  static List<Map.Entry<Object, Optional<Object>>> elements(@Nullable Object value) {
    List<Map.Entry<Object, Optional<Object>>> elements = new ArrayList<>();
    if (value instanceof Map<?, ?> map) {
      new TreeMap<>(map)
          .forEach((key, each) -> elements.add(Map.entry(key, Optional.ofNullable(each))));
    } else if (value != null) {
      for (Object each : list("range", value)) {
        elements.add(Map.entry(elements.size(), Optional.ofNullable(each)));
      }
    }
    return elements;
  }

  private static Collection<?> list(String function, @Nullable Object value) {
    if (value == null) {
      return List.of();
    } else if (value instanceof Collection<?> all) {
      return all;
    }
    throw wrong(function + " needs a list, not " + kind(value));
  }

  /** As Go has it: nothing, zero and what is empty are false. */
  static boolean isTrue(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof Number number) {
      return number.doubleValue() != 0;
    } else if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    } else if (value instanceof Collection<?> all) {
      return !all.isEmpty();
    }
    return value != null && !string(value).isEmpty();
  }

  /** As Go prints it: maps as {@code map[a:1 b:2]}, lists as {@code [1 2]}. */
  static String string(@Nullable Object value) {
    if (value instanceof Own own) {
      return own.text();
    } else if (value instanceof Map<?, ?> || value instanceof Collection<?>) {
      Stream<String> parts =
          elements(value).stream()
              .map(
                  each -> {
                    String text = string(each.getValue().orElse(null));
                    return value instanceof Map<?, ?> ? each.getKey() + ":" + text : text;
                  });
      String text = parts.collect(Collectors.joining(" ", "[", "]"));
      return value instanceof Map<?, ?> ? "map" + text : text;
    }
    return Objects.toString(value, "");
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return value instanceof Own own ? own.text() : value;
  }

  private static String kind(@Nullable Object value) {
    return value == null ? "nothing" : "\"" + string(value) + "\"";
  }

  private static InvalidSpecException wrong(String what) {
    return new InvalidSpecException("--format: " + what);
  }
}
