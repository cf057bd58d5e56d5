package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileName;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * How PAX records carry extended attributes: as star has them, name and value as they are, which
 * every reader knows. A key ends at its first {@code =} and is UTF-8, so that names which star's
 * keys cannot hold are written as libarchive has them: percent-encoded, the value in Base64 without
 * padding. Malformed records are an {@link IllegalArgumentException}.
 */
final class XattrRecords {
  private static final String STAR = "SCHILY.xattr.";
  private static final String LIBARCHIVE = "LIBARCHIVE.xattr.";

  private XattrRecords() {}

  /** Adds the record of an attribute. */
  static void write(Map<String, byte[]> records, String name, byte[] value) {
    if (fitsAKey(name)) {
      records.put(STAR + name, value);
    } else {
      records.put(LIBARCHIVE + escaped(name), Base64.getEncoder().withoutPadding().encode(value));
    }
  }

  /** Takes over a record; whether it is one of an attribute. Star's counts where there are both. */
  static boolean read(Map<String, byte[]> xattrs, String key, byte[] value) {
    if (key.startsWith(STAR)) {
      xattrs.put(key.substring(STAR.length()), value);
      return true;
    }
    if (key.startsWith(LIBARCHIVE)) {
      String text = new String(value, StandardCharsets.ISO_8859_1).replace("=", "");
      xattrs.putIfAbsent(
          unescaped(key.substring(LIBARCHIVE.length())), Base64.getDecoder().decode(text));
      return true;
    }
    return false;
  }

  /** What is no UTF-8 is carried by lone surrogates, which do not survive it. */
  private static boolean fitsAKey(String name) {
    byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
    return name.indexOf('=') < 0 && new String(encoded, StandardCharsets.UTF_8).equals(name);
  }

  private static String escaped(String name) {
    StringBuilder text = new StringBuilder();
    for (byte value : FileName.encode(name)) {
      if (value <= ' ' || value == 127 || value == '%' || value == '=') {
        text.append(String.format("%%%02X", value & 0xFF));
      } else {
        text.append((char) value);
      }
    }
    return text.toString();
  }

  private static String unescaped(String text) {
    byte[] encoded = FileName.encode(text);
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    for (int i = 0; i < encoded.length; i++) {
      if (encoded[i] != '%') {
        name.write(encoded[i]);
        continue;
      }
      int high = i + 2 < encoded.length ? Character.digit(encoded[i + 1], 16) : -1;
      int low = high < 0 ? -1 : Character.digit(encoded[i + 2], 16);
      if (low < 0) {
        throw new IllegalArgumentException(
            "the name of an extended attribute has a % without a number: "
                + FileName.display(text));
      }
      name.write(high << 4 | low);
      i += 2;
    }
    return FileName.decode(name.toByteArray());
  }
}
