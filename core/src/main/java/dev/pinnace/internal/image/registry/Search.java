package dev.pinnace.internal.image.registry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.RegistryException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.spec.SearchResult;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Docker's search, which is of its first protocol and which few registries offer. */
final class Search {
  private static final int LARGEST = 4 << 20;
  private static final JsonFactory JSON = new JsonFactory();

  private Search() {}

  static List<SearchResult> find(Endpoint endpoint, String term, int most) {
    String what = "search " + endpoint.registry() + " for " + term;
    String query = "v1/search?q=" + URLEncoder.encode(term, StandardCharsets.UTF_8) + "&n=" + most;
    Response response = endpoint.send(Request.of("GET", endpoint.uri(query)), "", Set.of());
    if (response.status() == 404 || response.status() == 405 || Refusals.isPage(response)) {
      response.close();
      throw new UnsupportedException(
          "search in " + endpoint.registry(),
          "the registry does not offer it (GET /v1/search answers " + response.status() + ")",
          "look on its web site, or ask for an image by its name");
    }
    if (!response.isSuccess()) {
      throw Refusals.of(response, what);
    }
    try (response) {
      return results(response.document(LARGEST), what, most);
    } catch (IOException broken) {
      throw Retrying.brokenOff(what, broken);
    }
  }

  private static List<SearchResult> results(byte[] document, String what, int most)
      throws IOException {
    List<SearchResult> results = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(document)) {
      for (JsonNode result : JsonTree.read(parser).path("results")) {
        if (results.size() < most) {
          results.add(
              new SearchResult(
                  result.path("name").asText(""),
                  result.path("description").asText(""),
                  result.path("star_count").asInt(0),
                  result.path("is_official").asBoolean(false)));
        }
      }
      return List.copyOf(results);
    } catch (JacksonException noJson) {
      throw new RegistryException(
          "cannot " + what + ": the answer is no JSON, so that is not a registry", noJson);
    }
  }
}
