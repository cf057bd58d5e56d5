package dev.pinnace.internal.engine;

import dev.pinnace.spec.Ready;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** As much of HTTP/1.1 (RFC 9112) as it takes to learn a status. */
final class HttpStatus {
  /** How many bytes of an answer are looked at. */
  static final int LINE = 16;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9][0-9])[ \r].*");

  private HttpStatus() {}

  /** What asks for it. */
  static byte[] request(Ready.Http http) {
    String head =
        "GET "
            + http.path()
            + " HTTP/1.1\r\nHost: localhost:"
            + http.port()
            + "\r\nUser-Agent: pinnace\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    return head.getBytes(StandardCharsets.US_ASCII);
  }

  /** The status that an answer begins with; empty if it is none, or not whole. */
  static OptionalInt of(byte[] answer) {
    Matcher line = STATUS.matcher(new String(answer, StandardCharsets.ISO_8859_1));
    return line.lookingAt() ? OptionalInt.of(Integer.parseInt(line.group(1))) : OptionalInt.empty();
  }
}
