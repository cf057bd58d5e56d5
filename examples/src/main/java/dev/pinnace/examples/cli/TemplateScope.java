package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a template knows at a place: the dot, and variables. */
final class TemplateScope {
  private final Optional<TemplateScope> outer;
  private final Optional<Object> dot;
  private final UnaryOperator<String> shown;
  private final Map<String, Optional<Object>> variables = new HashMap<>();

  private TemplateScope(
      Optional<TemplateScope> outer, @Nullable Object dot, UnaryOperator<String> shown) {
    this.outer = outer;
    this.dot = Optional.ofNullable(dot);
    this.shown = shown;
  }

  /**
   * The outermost one.
   *
   * @param shown makes of text of others what is shown of it
   */
  static TemplateScope of(Object object, UnaryOperator<String> shown) {
    TemplateScope scope = new TemplateScope(Optional.empty(), object, shown);
    scope.declare("$", object);
    return scope;
  }

  TemplateScope inner(@Nullable Object newDot) {
    return new TemplateScope(Optional.of(this), newDot, shown);
  }

  @Nullable Object dot() {
    return dot.orElse(null);
  }

  void declare(String name, @Nullable Object value) {
    variables.put(name, Optional.ofNullable(value));
  }

  /** Sets a variable where it was declared; declares it here if it was nowhere. */
  void set(String name, @Nullable Object value) {
    Optional<TemplateScope> at = Optional.of(this);
    while (at.isPresent() && !at.get().variables.containsKey(name)) {
      at = at.get().outer;
    }
    at.orElse(this).declare(name, value);
  }

  @Nullable Object variable(String name) {
    Optional<Object> known = variables.get(name);
    if (known != null) {
      return known.orElse(null);
    }
    return outer
        .orElseThrow(() -> new InvalidSpecException("--format: there is no variable " + name))
        .variable(name);
  }

  /** As Go's fmt.Print writes a value. */
  String text(@Nullable Object value) {
    if (value == null) {
      return "<no value>";
    } else if (value instanceof TemplateFunctions.Own own) {
      return own.text();
    } else if (value instanceof List<?> list) {
      return list.stream().map(this::text).collect(Collectors.joining(" ", "[", "]"));
    } else if (value instanceof Map<?, ?> map) {
      return new TreeMap<>(map)
          .entrySet().stream()
              .map(entry -> text(entry.getKey()) + ":" + text(entry.getValue()))
              .collect(Collectors.joining(" ", "map[", "]"));
    }
    return shown.apply(value.toString());
  }
}
