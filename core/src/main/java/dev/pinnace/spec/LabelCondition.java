package dev.pinnace.spec;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a filter asks of labels: one of that key, with that value or with any. Immutable.
 *
 * @param key the label's name
 * @param value its value; empty for any
 */
public record LabelCondition(String key, Optional<String> value) {
  public LabelCondition {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
  }

  /** The label with that value; with any, if {@code value} is empty. */
  public static LabelCondition of(String key, String value) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    return new LabelCondition(key, Optional.of(value).filter(text -> !text.isEmpty()));
  }

  /** Whether {@code labels} have it. */
  public boolean isMetBy(Map<String, String> labels) {
    Objects.requireNonNull(labels, "labels");
    Optional<String> found = Optional.ofNullable(labels.get(key));
    return found.isPresent() && (value.isEmpty() || value.equals(found));
  }
}
