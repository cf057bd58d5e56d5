package dev.pinnace.spec;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether mounts that come and go on one side of a bind mount do so on the other side too
 * (mount_namespaces(7)). Those with an R are said of what is mounted below the source too, as the
 * kernel tells them apart; a bind that begins to propagate does so with all that it brings along,
 * so that here both are the same.
 */
public enum Propagation {
  PRIVATE,
  /** Neither way, the default. */
  RPRIVATE,
  SLAVE,
  /** What is mounted on the host below the source appears in the container. */
  RSLAVE,
  SHARED,
  /** Both ways: what the container mounts there appears on the host, and stays when it ends. */
  RSHARED;

  /** As mount options and Docker call it: {@code rslave}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that {@code word} is; empty for anything else. */
  public static Optional<Propagation> of(String word) {
    Objects.requireNonNull(word, "word");
    return Arrays.stream(values()).filter(mode -> mode.word().equals(word)).findFirst();
  }

  /** Whether what is mounted in the container appears on the host. */
  public boolean isShared() {
    return this == SHARED || this == RSHARED;
  }

  /** Whether what is mounted on the host appears in the container. */
  public boolean isReceiving() {
    return this != PRIVATE && this != RPRIVATE;
  }
}
