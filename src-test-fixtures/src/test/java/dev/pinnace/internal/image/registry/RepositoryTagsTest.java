package dev.pinnace.internal.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.fixtures.registry.Wire;
import dev.pinnace.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tags, and searches. */
class RepositoryTagsTest extends RepositoryFixture {
  @Test
  void search_interrupted_isCancelled() throws Exception {
    registry.on(
        "GET",
        "/v1/search",
        1,
        wire -> wire.stallAfter(3).answer(200, "application/json", "{\"results\":[]}"));
    assertCancelled(() -> client.search(registry.address() + "/tool", 1));
  }

  private void tag(String... tags) {
    byte[] manifest = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    for (String tag : tags) {
      registry.content().putManifest("ann/tool", tag, MediaTypes.MANIFEST, manifest);
    }
  }

  @Test
  void tags_areReadPageByPage() {
    tag("1", "1.1", "2", "latest", "v3");
    registry.pagesOf(2);
    assertThat(repository().tags()).containsExactly("1", "1.1", "2", "latest", "v3");
    assertThat(registry.requests("GET", "/v2/ann/tool/tags/list"))
        .extracting(request -> request.target().substring(request.path().length()))
        .containsExactly("", "?n=2&last=1.1", "?n=2&last=latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<http://elsewhere.invalid:1/v2/ann/tool/tags/list?last=1&x=%2F>; rel=\"next\"",
        "</v2/ann/tool/tags/list?last=1&x=%2F>;rel=next",
        "<list?last=1&x=%2F>; title=\"a\"; rel=\"next\""
      })
  void tags_nextPageIsOfTheSamePlace(String link) {
    tag("1", "2");
    registry.on(
        "GET",
        "/tags/list",
        1,
        wire -> wire.header("Link", link).answer(200, "application/json", "{\"tags\":[\"1\"]}"));
    assertThat(repository().tags()).containsExactly("1", "2");
    assertThat(registry.requests("GET", "/tags/list").get(1).target())
        .isEqualTo("/v2/ann/tool/tags/list?last=1&x=%2F");
  }

  @Test
  void tags_thatAreNone_areRefused() {
    assertThatThrownBy(() -> repository().tags()).isInstanceOf(NotFoundException.class);
    tag("1");
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "{\"name\":\"x\",\"tags\":null}"));
    assertThat(repository().tags()).isEmpty();
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "{\"tags\":[\"a/../b\"]}"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("\"a/../b\" is no tag");
    registry.on("GET", "/tags/list", 1, wire -> json(wire, "no"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("no JSON");
    registry.on(
        "GET",
        "/tags/list",
        9,
        wire -> json(wire.header("Link", "</v2/ann/tool/tags/list>; rel=\"next\""), "{}"));
    assertThatThrownBy(() -> repository().tags()).hasMessageContaining("in a circle");
  }

  private static void json(Wire wire, String document) throws IOException {
    wire.answer(200, "application/json", document);
  }
}
