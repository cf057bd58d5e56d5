package dev.pinnace.internal.image.registry;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.Printable;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.json.JsonTree;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tags of a repository, page by page (distribution-spec, Listing Tags). For one thread. */
final class TagList {
  private static final int LARGEST_PAGE = 4 << 20;
  private static final int MOST = 1_000_000;
  private static final int MOST_BARREN = 100;
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /** RFC 8288. */
  private static final Pattern NEXT =
      Pattern.compile("<([^>]*)>\\s*;[^,]*\\brel=(?:\"next\"|next\\b)", Pattern.CASE_INSENSITIVE);

  private static final JsonFactory JSON = new JsonFactory();

  private final Endpoint endpoint;
  private final String path;
  private final Set<String> scopes;
  private final String what;
  private final Set<String> tags = new LinkedHashSet<>();
  private int barren;

  /**
   * @param name what messages call the repository
   */
  TagList(Endpoint endpoint, String name, String path, Set<String> scopes) {
    this.endpoint = endpoint;
    this.path = path;
    this.scopes = scopes;
    this.what = "list the tags of " + name;
  }

  /** All of them, in the registry's order. */
  List<String> read() {
    Set<URI> asked = new HashSet<>();
    Optional<URI> next = Optional.of(endpoint.uri("v2/" + path + "/tags/list"));
    while (next.isPresent()) {
      if (!asked.add(next.get())) {
        throw new RegistryException(
            "cannot " + what + ": the registry's pages go round in a circle", null);
      }
      next = page(next.get());
    }
    return new ArrayList<>(tags);
  }

  private Optional<URI> page(URI from) {
    Request request = Request.of("GET", from).with("Accept", "application/json");
    Response response = endpoint.send(request, path, scopes);
    if (!response.isSuccess()) {
      throw Refusals.of(response, what);
    }
    if (Refusals.isPage(response)) {
      response.close();
      throw Refusals.page(response, what);
    }
    byte[] document;
    try (response) {
      document = response.document(LARGEST_PAGE + 1);
    } catch (IOException broken) {
      throw new RegistryException("cannot " + what + ": " + broken.getMessage(), broken);
    }
    if (document.length > LARGEST_PAGE) {
      throw new RegistryException(
          "cannot " + what + ": a page of it is longer than " + LARGEST_PAGE + " bytes", null);
    }
    int before = tags.size();
    add(document);
    Optional<URI> next = next(response);
    barren += next.isPresent() && tags.size() == before ? 1 : 0;
    if (barren > MOST_BARREN) {
      throw new RegistryException(
          "cannot " + what + ": page after page has no tag that was not on one before", null);
    }
    return next;
  }

  private void add(byte[] document) {
    try (JsonParser parser = JSON.createParser(document)) {
      for (JsonNode tag : JsonTree.read(parser).path("tags")) {
        String text = tag.asText("");
        if (!TAG.matcher(text).matches()) {
          throw new RegistryException(
              "cannot " + what + ": \"" + Printable.line(text) + "\" is no tag", null);
        }
        tags.add(text);
      }
    } catch (JacksonException noJson) {
      throw new RegistryException(
          "cannot " + what + ": the answer is no JSON, so that is not a registry", noJson);
    } catch (IOException impossible) {
      throw new RegistryException("cannot " + what + ": " + impossible.getMessage(), impossible);
    }
    if (tags.size() > MOST) {
      throw new RegistryException("cannot " + what + ": there are more than " + MOST, null);
    }
  }

  /**
   * Where the next page is: a path of the same place, whatever else the registry writes. One behind
   * a proxy often does not know what it is called and how it is spoken to.
   */
  private Optional<URI> next(Response response) {
    for (String link : response.headers().all("Link")) {
      Matcher next = NEXT.matcher(link);
      if (next.find()) {
        try {
          URI to = response.from().resolve(next.group(1));
          String query = to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
          return Optional.of(URI.create(endpoint.origin() + to.getRawPath() + query));
        } catch (IllegalArgumentException malformed) {
          throw new RegistryException(
              "cannot " + what + ": the next page is at an address that is none", malformed);
        }
      }
    }
    return Optional.empty();
  }
}
