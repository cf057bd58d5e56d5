package dev.pinnace.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTreeTest {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(5)
                  .maxNumberLength(10)
                  .maxStringLength(2000)
                  .maxNameLength(3000)
                  .maxDocumentLength(20_000)
                  .maxTokenCount(500)
                  .build())
          .build();

  private static String reason(String document) {
    IOException failure =
        catchThrowableOfType(
            IOException.class,
            () -> {
              try (JsonParser parser =
                  JSON.createParser(document.getBytes(StandardCharsets.UTF_8))) {
                JsonTree.read(parser);
              }
            });
    return JsonTree.reason(failure);
  }

  @Test
  void reason_ofWhatIsTooMuch_namesTheBound() {
    assertThat(reason("[".repeat(6))).isEqualTo("it is nested deeper than 5 levels");
    assertThat(reason("[12345678901]")).isEqualTo("a number in it is longer than 10 digits");
    assertThat(reason("[\"" + "a".repeat(2001) + "\"]"))
        .isEqualTo("a text in it is longer than 2000 characters");
    assertThat(reason("{\"" + "a".repeat(3001) + "\":1}"))
        .isEqualTo("a name in it is longer than 3000 characters");
    assertThat(reason("[1" + ",1".repeat(600) + "]")).isEqualTo("it has more than 500 parts");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\": | end-of-input",
        "{\"a\":1,\"a\":2} | Duplicate",
        "{\"a\":1} {} | there is more after the document",
        "[NaN] | NaN",
        "[1 /* one */] | comment",
        "[01] | zero",
        "[\"\\ud800\"] | half of a surrogate pair",
        "[\"\\udc00\\ud800\"] | half of a surrogate pair",
        "{\"\\ud83d\":1} | half of a surrogate pair",
        "[tru] | tru"
      })
  void reason_ofWhatIsNoJson_isOneLineWithoutOurClasses(String document, String part) {
    assertThat(reason(document))
        .contains(part)
        .doesNotContain("StreamRead", "JsonRead", "Feature", "Source", "Reader", "\n");
  }

  @Test
  void read_wholeSurrogatePairs() throws IOException {
    try (JsonParser parser = JSON.createParser("[\"\\ud83d\\udea2\"]")) {
      assertThat(JsonTree.read(parser).get(0).textValue()).isEqualTo("\ud83d\udea2");
    }
  }
}
