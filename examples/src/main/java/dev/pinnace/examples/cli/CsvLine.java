package dev.pinnace.examples.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of comma-separated values (RFC 4180) as Docker reads it: a field in double quotes may
 * hold commas, and quotes that are doubled.
 */
final class CsvLine {
  private final FlagValue value;
  private final String text;
  private int at;

  private CsvLine(FlagValue value) {
    this.value = value;
    this.text = value.text();
  }

  static List<String> fields(FlagValue value) {
    if (value.text().isEmpty()) {
      throw value.wrong("it is empty");
    }
    return new CsvLine(value).read();
  }

  private List<String> read() {
    List<String> fields = new ArrayList<>();
    fields.add(field());
    while (at < text.length()) {
      at++; // the comma
      fields.add(field());
    }
    return fields;
  }

  private String field() {
    if (at < text.length() && text.charAt(at) == '"') {
      return quoted();
    }
    int comma = text.indexOf(',', at);
    String field = text.substring(at, comma < 0 ? text.length() : comma);
    if (field.indexOf('"') >= 0) {
      throw value.wrong("put the quotes around the whole field, as in \"source=/a,b\"");
    }
    if (field.indexOf('\n') >= 0) {
      throw value.wrong("put double quotes around a field that has a line break");
    }
    at += field.length();
    return field;
  }

  private String quoted() {
    StringBuilder field = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      boolean quote = c == '"';
      boolean doubled = quote && at + 1 < text.length() && text.charAt(at + 1) == '"';
      if (quote && !doubled) {
        at++;
        if (at < text.length() && text.charAt(at) != ',') {
          break;
        }
        return field.toString();
      }
      field.append(c);
      at += doubled ? 1 : 0;
    }
    throw value.wrong("a field that begins with a double quote ends with one");
  }
}
