package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that flags name, or pipes. */
final class TextFile {
  private static final int LONGEST = 4 << 20;

  private TextFile() {}

  /** All of a file, which must be UTF-8 and have an end. */
  static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LONGEST + 1);
      if (bytes.length > LONGEST) {
        throw new InvalidSpecException(
            file + " is longer than " + (LONGEST >> 20) + " MiB: name a smaller one");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IOException e) {
      throw new InvalidSpecException(
          "cannot read " + file + ": " + Failures.reason(e) + "; it must be UTF-8 text", e);
    }
  }
}
