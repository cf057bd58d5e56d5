package dev.pinnace.internal.image.registry.auth;

import dev.pinnace.spec.RegistryCredentials;
import java.util.Optional;

/**
 * What is known of who we are to a registry.
 *
 * @param user credentials; empty where everybody is asked for
 * @param obstacle why there may be more than is known: a helper program that nobody asked for did
 *     not answer
 */
public record Known(Optional<RegistryCredentials> user, Optional<String> obstacle) {
  /** What there is, all of it. */
  static Known of(Optional<RegistryCredentials> user) {
    return new Known(user, Optional.empty());
  }
}
