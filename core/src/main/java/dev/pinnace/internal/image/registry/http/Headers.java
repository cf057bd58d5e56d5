package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Fields of an answer, by name without regard to case. Immutable. */
public final class Headers {
  private final Map<String, List<String>> fields;

  private Headers(Map<String, List<String>> fields) {
    this.fields = fields;
  }

  /**
   * Reads the lines between status line and body.
   *
   * @throws BadAnswerException for a line that is no field
   */
  static Headers parse(List<String> lines) throws IOException {
    Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon <= 0 || line.charAt(0) == ' ' || line.charAt(0) == '\t') {
        throw new BadAnswerException("a header is malformed: \"" + line + "\"");
      }
      fields
          .computeIfAbsent(line.substring(0, colon), name -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Headers(fields);
  }

  /** Every value of that name. */
  public List<String> all(String name) {
    return fields.getOrDefault(name, List.of());
  }

  /** The first value of that name. */
  public Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /** Whether one of the comma-separated values of {@code name} is {@code token}. */
  boolean has(String name, String token) {
    return all(name).stream()
        .flatMap(value -> List.of(value.split(",", -1)).stream())
        .anyMatch(value -> value.strip().toLowerCase(Locale.ROOT).equals(token));
  }

  /**
   * The length of the body, -1 where it is not said.
   *
   * @throws BadAnswerException for several lengths, or one that is no number
   */
  public long contentLength() throws IOException {
    List<String> values = all("Content-Length").stream().distinct().toList();
    if (values.isEmpty()) {
      return -1;
    }
    String value = values.get(0);
    if (values.size() > 1 || !value.matches("[0-9]{1,18}")) {
      throw new BadAnswerException("the length of the body is " + String.join(" and ", values));
    }
    return Long.parseLong(value);
  }
}
