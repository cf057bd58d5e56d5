package dev.pinnace.internal.image.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.Printable;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes of an answer that nobody wanted what people are told (distribution-spec, Error Codes). */
final class Refusals {
  private static final int LARGEST = 1 << 16;
  private static final int LONGEST_REASON = 500;
  private static final JsonFactory JSON = new JsonFactory();

  private Refusals() {}

  /** Whether the answer is a page for people, which no registry gives. */
  static boolean isPage(Response response) {
    return response
        .headers()
        .first("Content-Type")
        .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
        .isPresent();
  }

  /** Whether the answer is a document for programs, as the errors of a registry are. */
  static boolean isJson(Response response) {
    return response
        .headers()
        .first("Content-Type")
        .filter(type -> type.toLowerCase(Locale.ROOT).startsWith("application/json"))
        .isPresent();
  }

  /** For an answer of the class 2xx that is a page. */
  static RegistryException page(Response response, String what) {
    return new RegistryException(
        "cannot "
            + what
            + ": "
            + Origin.of(response.from())
            + " answered with a web page: that is not a registry",
        response.status());
  }

  /** The answer, if it has bytes of a blob. */
  static Response unlessBytes(Response response, String what) {
    if (response.status() != 200 && response.status() != 206) {
      throw of(response, what);
    }
    if (isPage(response)) {
      response.close();
      throw page(response, what);
    }
    return response;
  }

  /**
   * The exception for an answer, which is read and ended.
   *
   * @param what was attempted, to follow "cannot"
   */
  static PinnaceException of(Response response, String what) {
    try (response) {
      String origin = Origin.of(response.from()).toString();
      String reason = isPage(response) ? "with a web page" : reason(response);
      String message =
          "cannot "
              + what
              + ": "
              + origin
              + " answered "
              + response.status()
              + (reason.isEmpty() ? "" : isPage(response) ? " " + reason : " (" + reason + ")");
      return switch (response.status()) {
        case 404 -> new NotFoundException(message);
        case 401, 403 ->
            new RegistryException(
                message
                    + ": log in to it (pinnace login, Registries.credentials), or as a user who may"
                    + " do that"
                    + response.remark().map(remark -> "; " + remark).orElse(""),
                response.status());
        case 429 ->
            new RegistryException(
                message
                    + ": it has had too many requests"
                    + response
                        .headers()
                        .first("Retry-After")
                        .map(time -> "; it asks to come back after " + time)
                        .orElse(""),
                response.status());
        case 400 ->
            new RegistryException(
                message
                    + (Origin.of(response.from()).tls() || isJson(response) || !reason.isEmpty()
                        ? ""
                        : ": it was asked in plain HTTP, and may speak TLS"),
                response.status());
        default -> new RegistryException(message, response.status());
      };
    }
  }

  private static String reason(Response response) {
    byte[] document;
    try {
      document = response.document(LARGEST);
    } catch (IOException brokenOff) {
      return "";
    }
    List<String> reasons = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(document)) {
      for (JsonNode error : JsonTree.read(parser).path("errors")) {
        String code = error.path("code").asText("").toLowerCase(Locale.ROOT).replace('_', ' ');
        String message = error.path("message").asText("");
        reasons.add(
            code.isEmpty() || message.toLowerCase(Locale.ROOT).contains(code)
                ? message
                : code + (message.isEmpty() ? "" : ": " + message));
      }
    } catch (IOException noJson) {
      return "";
    }
    String all = Printable.line(String.join("; ", reasons));
    return all.length() > LONGEST_REASON ? all.substring(0, LONGEST_REASON) + "..." : all;
  }
}
