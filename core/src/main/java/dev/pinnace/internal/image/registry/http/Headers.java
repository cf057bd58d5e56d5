package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** Fields of an answer, by name without regard to case. Immutable. */
public final class Headers {
  private final HttpHeaders fields;

  Headers(HttpHeaders fields) {
    this.fields = fields;
  }

  /** The length of a body as it is said once, -1 otherwise. */
  static long lengthOrUnknown(HttpHeaders fields) {
    List<String> values = fields.allValues("Content-Length");
    return values.size() == 1 && values.get(0).matches("[0-9]{1,18}")
        ? Long.parseLong(values.get(0))
        : -1;
  }

  /** Every value of that name. */
  public List<String> all(String name) {
    return fields.allValues(name);
  }

  /** The first value of that name. */
  public Optional<String> first(String name) {
    return fields.firstValue(name);
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
