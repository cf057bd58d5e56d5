package dev.pinnace.spec;

import dev.pinnace.error.InvalidSpecException;
import java.util.Objects;

/**
 * What a registry knows a user by. Immutable; {@link #toString} shows no secret.
 *
 * @param user the user's name; {@value #IDENTITY} for an identity token
 * @param secret the password, access token or identity token
 */
public record RegistryCredentials(String user, String secret) {
  /** The user's name by which Docker and its credential helpers mark identity tokens. */
  public static final String IDENTITY = "<token>";

  /**
   * @throws InvalidSpecException when one is empty, or the name has a colon, which basic
   *     authentication (RFC 7617) cannot carry
   */
  public RegistryCredentials {
    if (user.isEmpty() || secret.isEmpty()) {
      throw new InvalidSpecException("credentials for a registry need a user's name and a secret");
    }
    if (user.indexOf(':') >= 0) {
      throw new InvalidSpecException("a user's name cannot have a colon: \"" + user + "\"");
    }
  }

  /** A user and a password, or an access token in its place. */
  public static RegistryCredentials of(String user, String password) {
    Objects.requireNonNull(password, "password");
    return new RegistryCredentials(user, password);
  }

  /** A token (OAuth 2.0 refresh token) that stands for a user. */
  public static RegistryCredentials identityToken(String token) {
    Objects.requireNonNull(token, "token");
    return new RegistryCredentials(IDENTITY, token);
  }

  /** Whether {@link #secret} is an identity token. */
  public boolean isIdentityToken() {
    return user.equals(IDENTITY);
  }

  @Override
  public String toString() {
    return "credentials of " + user;
  }
}
