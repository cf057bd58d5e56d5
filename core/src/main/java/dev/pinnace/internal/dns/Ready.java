package dev.pinnace.internal.dns;

import java.io.IOException;

/** What belongs to a channel that is selected. */
interface Ready {
  /** Goes on, without waiting. */
  void ready() throws IOException;

  /** It went wrong: gives it up. */
  void failed(Exception cause);
}
