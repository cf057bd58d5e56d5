package dev.pinnace.examples.cli;

import dev.pinnace.error.Printable;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows as {@code --format} asks for: {@code json}, a template for each, {@code table} for the usual
 * columns, or {@code table} and a template whose columns are tabs apart. A row has one line: in
 * fields, ends of lines and tabs are shown as blanks.
 *
 * @param titles of every field, by which templates call it
 * @param columns the fields of the usual table
 */
record Listing(Map<String, String> titles, List<String> columns) {
  private static final Pattern TABLE = Pattern.compile("table(?:\\s+|(?:\\\\t)+|$)(.*)");

  void print(PrintWriter out, Optional<String> format, List<? extends Map<String, ?>> rows) {
    // Also where there is no row to find out.
    String unused = render(format.orElse(""), titles);
    Matcher table = TABLE.matcher(format.filter(asked -> !asked.isEmpty()).orElse("table"));
    if (!table.matches()) {
      rows.forEach(row -> out.println(render(format.orElseThrow(), row)));
      return;
    }
    String template = table.group(1).isEmpty() ? usual() : table.group(1);
    Table lines = new Table();
    lines.row(cells(template, titles));
    rows.forEach(row -> lines.row(cells(template, row)));
    lines.print(out);
  }

  private String usual() {
    return "{{." + String.join("}}\t{{.", columns) + "}}";
  }

  private static String render(String template, Map<String, ?> row) {
    return Template.render(template, row, text -> Printable.line(text.replaceAll("\\s", " ")));
  }

  private static String[] cells(String template, Map<String, ?> row) {
    return render(template, row).split("\t", -1);
  }
}
