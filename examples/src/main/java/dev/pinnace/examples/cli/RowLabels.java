package dev.pinnace.examples.cli;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Map;
import java.util.stream.Collectors;

/** The labels of a row of a list: as text with commas between them, and each by its name. */
record RowLabels(Map<String, String> labels) {
  @JsonValue
  @Override
  public String toString() {
    return labels.entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }
}
