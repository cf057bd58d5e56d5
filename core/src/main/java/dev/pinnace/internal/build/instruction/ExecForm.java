package dev.pinnace.internal.build.instruction;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.internal.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The exec form of arguments: a JSON array of strings. */
final class ExecForm {
  private static final JsonFactory JSON = new JsonFactory();

  private ExecForm() {}

  /** The strings; empty for anything else, which is then the shell form, as Docker has it. */
  static Optional<List<String>> parse(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try (JsonParser parser = JSON.createParser(text)) {
      List<String> words = new ArrayList<>();
      for (JsonNode element : JsonTree.read(parser)) {
        if (!element.isTextual()) {
          return Optional.empty();
        }
        words.add(element.textValue());
      }
      return Optional.of(words);
    } catch (IOException noJson) {
      return Optional.empty();
    }
  }
}
