package dev.pinnace.internal.content;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import dev.pinnace.error.UnsupportedException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** RFC 8878, read by zstd-jni, which unpacks a library of its own before it reads anything. */
final class Zstandard {
  private static final String DIRECTORY = "ZstdTempFolder";

  private Zstandard() {}

  /** Tried once: after a failure the JVM remembers it, but not its reason. */
  private static final class Trial {
    private static final Optional<String> OBSTACLE = attempt();

    private static Optional<String> attempt() {
      try {
        boolean unused = Zstd.isError(0);
        return Optional.empty();
      } catch (LinkageError failure) {
        return Optional.of(
            "zstd-jni, which reads it, could not load the library that it unpacks into "
                + System.getProperty(DIRECTORY, System.getProperty("java.io.tmpdir", "/tmp"))
                + ": "
                + String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
      }
    }
  }

  /**
   * Decompresses.
   *
   * @param what how messages call it
   * @throws UnsupportedException where the library cannot be unpacked
   */
  static InputStream decompress(InputStream in, String what) throws IOException {
    if (Trial.OBSTACLE.isPresent()) {
      throw new UnsupportedException(
          "the compression zstd of " + what,
          Trial.OBSTACLE.get(),
          "start the JVM with -D"
              + DIRECTORY
              + "=DIR, a directory with 2 MiB to spare, not mounted noexec");
    }
    return new ZstdInputStream(in);
  }
}
