package dev.pinnace.internal.image.registry;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.RegistryException;
import dev.pinnace.internal.image.registry.auth.Authorizer;
import dev.pinnace.internal.image.registry.http.Request;
import dev.pinnace.internal.image.registry.http.Response;
import dev.pinnace.spec.RegistryCredentials;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Tries credentials before they are kept. */
final class Login {
  private Login() {}

  /** The registry that a user means: {@code https://index.docker.io/v1/} is {@code docker.io}. */
  static String registry(String text) {
    String bare = text.strip().replaceFirst("^[a-zA-Z]+://", "");
    int slash = bare.indexOf('/');
    String host = (slash < 0 ? bare : bare.substring(0, slash)).toLowerCase(Locale.ROOT);
    if (!host.isEmpty()
        && !host.matches("[a-z0-9.-]+(:[0-9]{1,5})?|\\[[a-f0-9:]+\\](:[0-9]{1,5})?")) {
      throw new InvalidSpecException(
          "\"" + text + "\" is not a registry: write its host and optional port");
    }
    return host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")
        ? "docker.io"
        : host;
  }

  /**
   * Tries credentials.
   *
   * @return what is to be kept: an identity token where the registry gives one
   * @throws RegistryException when they are refused
   */
  static RegistryCredentials tried(Endpoint endpoint, RegistryCredentials user) {
    String what = "log in to " + endpoint.registry() + " as " + user.user();
    Authorizer authorizer = endpoint.authorizerFor(user);
    Request root = Request.of("GET", endpoint.uri("v2/"));
    Response bare = endpoint.sendBare(root);
    List<String> challenges = bare.headers().all("WWW-Authenticate");
    if (bare.status() != 401) {
      checked(bare, what);
      return user;
    }
    bare.discard();
    Optional<RegistryCredentials> identity = authorizer.identity(challenges);
    checked(endpoint.sendWith(root, authorizer, Set.of()), what);
    return identity.orElse(user);
  }

  private static void checked(Response response, String what) {
    if (response.status() == 401) {
      response.discard();
      throw new RegistryException(
          "cannot " + what + ": the registry does not know that user or password", 401);
    }
    if (!response.isSuccess()) {
      throw Refusals.of(response, what);
    }
    if (Refusals.isPage(response)) {
      response.close();
      throw Refusals.page(response, what);
    }
    response.discard();
  }
}
