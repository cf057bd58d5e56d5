package dev.pinnace.internal.image.registry.http;

import java.io.IOException;
import java.io.OutputStream;

/** What a request carries; it can be written again when the request is repeated. */
public interface Payload {
  /** Its length in bytes. */
  long length();

  /** Writes all of it. */
  void writeTo(OutputStream out) throws IOException;

  /** Bytes that are in memory. */
  static Payload of(byte[] bytes) {
    return new Payload() {
      @Override
      public long length() {
        return bytes.length;
      }

      @Override
      public void writeTo(OutputStream out) throws IOException {
        out.write(bytes);
      }
    };
  }
}
