package dev.pinnace.internal.image.registry.http;

import java.io.IOException;

/** A proxy has answered CONNECT with something else than a tunnel (RFC 9110, 9.3.6). */
public final class TunnelRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  TunnelRefusedException(int status) {
    super("the proxy refuses a tunnel (" + status + ")");
    this.status = status;
  }

  /** What the proxy has answered. */
  public int status() {
    return status;
  }
}
