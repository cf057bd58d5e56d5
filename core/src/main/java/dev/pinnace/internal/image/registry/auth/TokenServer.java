package dev.pinnace.internal.image.registry.auth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pinnace.error.Printable;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.http.Origin;
import dev.pinnace.internal.image.registry.http.Payload;
import dev.pinnace.internal.image.registry.http.Redirects;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.internal.image.registry.http.Retrying;
import dev.pinnace.internal.json.JsonTree;
import dev.pinnace.spec.RegistryCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;

/**
 * The place that gives tokens for a registry, as a challenge names it.
 *
 * @see <a href="https://distribution.github.io/distribution/spec/auth/token/">token
 *     authentication</a> and <a
 *     href="https://distribution.github.io/distribution/spec/auth/oauth/">its OAuth 2 form</a>
 */
final class TokenServer {
  /** Statuses, besides redirects, by which servers say that they do not know the OAuth 2 form. */
  private static final Set<Integer> NO_FORM = Set.of(400, 401, 404, 405);

  private static final int LARGEST_ANSWER = 1 << 20;
  private static final int LONGEST_SHOWN = 200;
  private static final JsonFactory JSON = new JsonFactory();

  private final Retrying http;
  private final URI realm;
  private final String service;

  /**
   * @throws RegistryException when the challenge names no place, or one that would see secrets
   *     which the registry is told over TLS only
   */
  TokenServer(Retrying http, Origin registry, Challenge challenge) {
    this.http = http;
    this.service = challenge.parameter("service");
    this.realm = realm(registry, challenge.parameter("realm"));
  }

  private static URI realm(Origin registry, String text) {
    try {
      URI realm = URI.create(text);
      Origin server = Origin.of(realm);
      if (registry.tls() && !server.tls()) {
        throw new RegistryException(
            registry + " wants credentials to be sent to " + server + ", unencrypted: refused",
            null);
      }
      return realm;
    } catch (IllegalArgumentException malformed) {
      throw new RegistryException(
          registry + " names no place that gives tokens, but \"" + shown(text) + "\"", malformed);
    }
  }

  private static String shown(String text) {
    return Printable.line(
        text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text);
  }

  /**
   * A token for everybody.
   *
   * @param obstacle why credentials may be unknown
   */
  Token anonymous(NavigableSet<String> scopes, Optional<String> obstacle) {
    return token(get(Request.of("GET", query(scopes, ""))), "", obstacle);
  }

  /**
   * A token for a user.
   *
   * @param offline whether an identity token is asked for too
   */
  Token of(RegistryCredentials user, NavigableSet<String> scopes, boolean offline) {
    Response answer = http.send(form(user, scopes, offline));
    boolean noForm = NO_FORM.contains(answer.status()) || Redirects.isRedirect(answer);
    if (noForm && !user.isIdentityToken()) {
      answer.discard();
      String more = "&account=" + encode(user.user()) + (offline ? "&offline_token=true" : "");
      answer = get(Request.of("GET", query(scopes, more)).with("Authorization", basic(user)));
    }
    return token(answer, user.user(), Optional.empty());
  }

  /** Follows redirects; who is asking is told to the first origin alone. */
  private Response get(Request request) {
    Request next = request;
    for (int hop = 0; hop <= Redirects.MOST; hop++) {
      Response answer = http.send(next);
      if (!Redirects.repeats(next, answer)) {
        return answer;
      }
      URI target;
      try {
        target = Redirects.target(answer);
      } finally {
        answer.discard();
      }
      boolean stays = Origin.of(target).equals(Origin.of(next.target()));
      next = stays ? next.to(target) : Request.of("GET", target);
    }
    throw Redirects.endless(request);
  }

  private Request form(RegistryCredentials user, NavigableSet<String> scopes, boolean offline) {
    StringBuilder form = new StringBuilder();
    if (user.isIdentityToken()) {
      form.append("grant_type=refresh_token&refresh_token=").append(encode(user.secret()));
    } else {
      form.append("grant_type=password&username=")
          .append(encode(user.user()))
          .append("&password=")
          .append(encode(user.secret()));
    }
    form.append("&client_id=pinnace");
    if (!service.isEmpty()) {
      form.append("&service=").append(encode(service));
    }
    if (!scopes.isEmpty()) {
      form.append("&scope=").append(encode(String.join(" ", scopes)));
    }
    if (offline) {
      form.append("&access_type=offline");
    }
    return Request.of("POST", realm)
        .carrying(
            Payload.of(form.toString().getBytes(StandardCharsets.US_ASCII)),
            "application/x-www-form-urlencoded");
  }

  private URI query(NavigableSet<String> scopes, String more) {
    StringBuilder query = new StringBuilder();
    if (!service.isEmpty()) {
      query.append("&service=").append(encode(service));
    }
    scopes.forEach(scope -> query.append("&scope=").append(encode(scope)));
    query.append(more);
    if (query.length() == 0) {
      return realm;
    }
    query.setCharAt(0, realm.getRawQuery() == null ? '?' : '&');
    return URI.create(realm.toString() + query);
  }

  static String basic(RegistryCredentials user) {
    byte[] plain = (user.user() + ":" + user.secret()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(plain);
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private Token token(Response response, String user, Optional<String> obstacle) {
    try (response) {
      if (!response.isSuccess()) {
        throw new RegistryException(
            Origin.of(realm)
                + " gives "
                + (user.isEmpty() ? "nobody without credentials" : "\"" + user + "\" no")
                + (user.isEmpty() ? " a token" : " token")
                + " (status "
                + response.status()
                + ")"
                + (response.status() == 401 || response.status() == 403
                    ? ": log in with a user and a password that it knows"
                        + obstacle.map(why -> "; " + why).orElse("")
                    : ""),
            response.status());
      }
      return read(response.document(LARGEST_ANSWER));
    } catch (IOException broken) {
      throw Retrying.brokenOff("get a token from " + Origin.of(response.from()), broken);
    }
  }

  private Token read(byte[] document) throws IOException {
    try (JsonParser parser = JSON.createParser(document)) {
      JsonNode answer = JsonTree.read(parser);
      String value =
          Optional.of(answer.path("token").asText(""))
              .filter(text -> !text.isEmpty())
              .orElse(answer.path("access_token").asText(""));
      if (value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
        throw new RegistryException(Origin.of(realm) + " answered without a token", null);
      }
      return Token.of(
          value, answer.path("expires_in").asLong(0), answer.path("refresh_token").asText(""));
    } catch (JacksonException noJson) {
      throw new RegistryException(
          Origin.of(realm) + " answered something that is no token", noJson);
    }
  }
}
