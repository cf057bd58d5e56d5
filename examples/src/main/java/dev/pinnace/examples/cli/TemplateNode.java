package dev.pinnace.examples.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A part of a template, or all of it. */
interface TemplateNode {
  void render(TemplateScope scope, StringBuilder out);

  /** An expression of one. */
  interface Expression {
    @Nullable Object value(TemplateScope scope);
  }

  /** What stands between actions. */
  record Text(String text) implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      out.append(text);
    }
  }

  /** The value of an expression. */
  record Output(Expression expression) implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      out.append(scope.text(expression.value(scope)));
    }
  }

  /** {@code $name := expression}, which prints nothing. */
  record Assignment(String name, Expression expression) implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      scope.set(name, expression.value(scope));
    }
  }

  /** One after the other. */
  record Sequence(List<TemplateNode> nodes) implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      nodes.forEach(node -> node.render(scope, out));
    }
  }

  /** {@code if}, with {@code otherwise} for its {@code else}. */
  record If(Expression condition, TemplateNode then, TemplateNode otherwise)
      implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      boolean holds = TemplateFunctions.isTrue(condition.value(scope));
      (holds ? then : otherwise).render(scope.inner(scope.dot()), out);
    }
  }

  /** {@code with}: the dot is the value, where that is something. */
  record With(Expression value, TemplateNode then, TemplateNode otherwise) implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      Object dot = value.value(scope);
      if (TemplateFunctions.isTrue(dot)) {
        then.render(scope.inner(dot), out);
      } else {
        otherwise.render(scope.inner(scope.dot()), out);
      }
    }
  }

  /**
   * {@code range}: the dot is each element of a list, or each value of a map in the order of its
   * keys.
   *
   * @param names of variables, for the value, or for index or key and value
   */
  record Range(List<String> names, Expression all, TemplateNode body, TemplateNode otherwise)
      implements TemplateNode {
    @Override
    public void render(TemplateScope scope, StringBuilder out) {
      List<Map.Entry<Object, Optional<Object>>> elements =
          new ArrayList<>(TemplateFunctions.elements(all.value(scope)));
      if (elements.isEmpty()) {
        otherwise.render(scope.inner(scope.dot()), out);
      }
      for (Map.Entry<Object, Optional<Object>> element : elements) {
        Object value = element.getValue().orElse(null);
        TemplateScope inner = scope.inner(value);
        if (!names.isEmpty()) {
          inner.declare(names.get(names.size() - 1), value);
        }
        if (names.size() == 2) {
          inner.declare(names.get(0), element.getKey());
        }
        body.render(inner, out);
      }
    }
  }
}
