package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.Printable;
import dev.pinnace.internal.image.json.ImageJson;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/** The regular files of an image archive, by relative path; links are followed inside it. */
interface ArchiveFiles extends Closeable {
  /** How messages call the archive. */
  String name();

  /** Whether there is a regular file of that path. */
  boolean has(String path) throws IOException;

  /**
   * Opens a file.
   *
   * @throws CorruptException when there is none
   */
  InputStream open(String path) throws IOException;

  /** Reads a JSON document. */
  default byte[] document(String path) throws IOException {
    try (InputStream in = open(path)) {
      byte[] bytes = in.readNBytes(ImageJson.LARGEST_DOCUMENT + 1);
      if (bytes.length > ImageJson.LARGEST_DOCUMENT) {
        throw new CorruptException(
            path
                + " in "
                + name()
                + " is longer than "
                + ImageJson.LARGEST_DOCUMENT
                + " bytes, the limit for a document");
      }
      return bytes;
    }
  }

  /** That {@code path} is not in the archive. */
  default CorruptException missing(String path) {
    return new CorruptException(
        name() + " has no file " + Printable.line(path) + ", which it refers to");
  }

  /**
   * Normalises a path inside an archive.
   *
   * @throws CorruptException when it is absolute or leads outside
   */
  static String normalise(String path, String archive) {
    StringBuilder clean = new StringBuilder();
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        throw outside(path, archive);
      }
      clean.append(clean.isEmpty() ? "" : "/").append(part);
    }
    if (path.startsWith("/") || path.indexOf('\0') >= 0) {
      throw outside(path, archive);
    }
    return clean.toString();
  }

  private static CorruptException outside(String path, String archive) {
    return new CorruptException(
        "the path \"" + Printable.line(path) + "\" in " + archive + " leads outside of it");
  }
}
