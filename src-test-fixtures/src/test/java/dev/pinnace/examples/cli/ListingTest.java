package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {
  private static final Listing LISTING =
      new Listing(Map.of("ID", "THE ID", "Size", "SIZE", "Note", "NOTE"), List.of("ID", "Size"));
  private static final List<Map<String, String>> ROWS =
      List.of(
          Map.of("ID", "a", "Size", "10", "Note", "x"),
          Map.of("ID", "long one", "Size", "5", "Note", "y"));

  private static List<String> printed(Optional<String> format) {
    StringWriter text = new StringWriter();
    LISTING.print(new PrintWriter(text), format, ROWS);
    return text.toString().lines().toList();
  }

  @Test
  void print_table_usualColumns() {
    assertThat(printed(Optional.empty()))
        .isEqualTo(printed(Optional.of("table")))
        .containsExactly("THE ID     SIZE", "a          10", "long one   5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table {{.Size}}\\t{{.Note}}!", "table\t{{.Size}}\t{{.Note}}!"})
  void print_tableOfTemplate_itsColumnsWithTitles(String format) {
    assertThat(printed(Optional.of(format)))
        .containsExactly("SIZE   NOTE!", "10     x!", "5      y!");
  }

  @Test
  void print_template_rowsAlone() {
    assertThat(printed(Optional.of("{{.ID}}/{{.Note}}"))).containsExactly("a/x", "long one/y");
    assertThat(printed(Optional.of("tables"))).containsExactly("tables", "tables");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{{.Bad}}", "table {{.Bad}}", "{{range .}}"})
  void print_fieldThatThereIsNot_isRefusedWithoutRowsToo(String format) {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    assertThatThrownBy(() -> LISTING.print(nowhere, Optional.of(format), List.of()))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void print_textOfOthers_cannotSteerATerminal() {
    String hostile = "a\u001b[2J\tb\r\nc\u009b\u007fd\u202e";
    Map<String, String> row = Map.of("ID", hostile, "Size", "1", "Note", "x");
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    LISTING.print(out, Optional.empty(), List.of(row));
    LISTING.print(out, Optional.of("{{.ID}}"), List.of(row));
    LISTING.print(out, Optional.of("{{json .ID}}"), List.of(row));
    String shown = "a\\u001b[2J b  c\\u009b\\u007fd\\u202e";
    assertThat(text.toString().lines())
        .containsExactly(
            "THE ID" + " ".repeat(shown.length() - 6) + "   SIZE",
            shown + "   1",
            shown,
            "\"a\\u001B[2J\\tb\\r\\nc\\u009b\\u007fd\\u202e\"");
    assertThat(Template.render("{{.ID}}", row))
        .isEqualTo("a\\u001b[2J\tb\\u000d\nc\\u009b\\u007fd\\u202e");
  }

  @Test
  void print_labels_eachByItsName() {
    Listing listing = new Listing(Map.of("Labels", "LABELS"), List.of("Labels"));
    RowLabels labels = new RowLabels(new TreeMap<>(Map.of("a", "b,c=d", "e.f_g", "h\ti")));
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    List<Map<String, Object>> rows = List.of(Map.of("Labels", labels));
    listing.print(out, Optional.of("{{.Label \"a\"}}/{{.Label \"e.f_g\"}}/{{.Label \"x\"}}"), rows);
    listing.print(out, Optional.of("table {{.Label \"e.f_g\"}}"), rows);
    listing.print(out, Optional.of("{{.Labels}}"), rows);
    listing.print(out, Optional.of("json"), rows);
    assertThat(text.toString().lines())
        .containsExactly(
            "b,c=d/h i/",
            "f g",
            "h i",
            "a=b,c=d,e.f_g=h i",
            "{\"Labels\":\"a=b,c=d,e.f_g=h\\ti\"}");
  }
}
