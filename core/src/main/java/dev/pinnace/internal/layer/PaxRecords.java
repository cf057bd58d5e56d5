package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileName;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What extended headers say about the next entry (POSIX.1-2001 pax, GNU tar's sparse formats, the
 * xattr records of star and libarchive). Values are bytes; a record without a value takes the
 * header's word again. Malformed records are an {@link IllegalArgumentException}.
 */
final class PaxRecords {
  @Nullable String path;
  @Nullable String linkPath;
  @Nullable Long size;
  @Nullable Long uid;
  @Nullable Long gid;
  @Nullable Instant modified;
  @Nullable Long sparseSize;
  @Nullable String sparseName;
  boolean sparseMapInContent;
  final SortedMap<String, byte[]> xattrs = new TreeMap<>();
  private long xattrBytes;
  private long[] sparse = new long[0];
  private int sparseCount;
  private boolean hasSparse;

  /** Takes over the records "LENGTH KEY=VALUE\n" of one header. */
  void read(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && bytes[at] != 0) {
      int space = at;
      while (space < bytes.length && bytes[space] != ' ') {
        space++;
      }
      long length = TarNumber.parseDecimal(ascii(bytes, at, Math.min(space, at + 20)));
      if (length < space - at + 3L || length > bytes.length - at) {
        throw new IllegalArgumentException("a PAX record has a length of " + length);
      }
      int end = at + (int) length - 1;
      int equals = space + 1;
      while (equals < end && bytes[equals] != '=') {
        equals++;
      }
      if (bytes[end] != '\n' || equals == end) {
        throw new IllegalArgumentException("a PAX record does not end where its length says");
      }
      record(
          FileName.decode(bytes, space + 1, equals - space - 1),
          Arrays.copyOfRange(bytes, equals + 1, end));
      at = end + 1;
    }
  }

  private void record(String key, byte[] value) {
    boolean none = value.length == 0;
    switch (key) {
      case "path" -> path = none ? null : FileName.decode(value);
      case "linkpath" -> linkPath = none ? null : FileName.decode(value);
      case "size" -> size = none ? null : number(value);
      case "uid" -> uid = none ? null : number(value);
      case "gid" -> gid = none ? null : number(value);
      case "mtime" -> modified = none ? null : time(ascii(value, 0, value.length));
      case "GNU.sparse.name" -> sparseName = FileName.decode(value);
      case "GNU.sparse.size", "GNU.sparse.realsize" -> sparseSize = number(value);
      case "GNU.sparse.numblocks" -> hasSparse = true;
      case "GNU.sparse.offset", "GNU.sparse.numbytes" -> addSparse(number(value));
      case "GNU.sparse.map" -> sparseMap(ascii(value, 0, value.length));
      case "GNU.sparse.major" -> {
        long major = number(value);
        if (major > 1) {
          throw new IllegalArgumentException("sparse format " + major + " is not known");
        }
        sparseMapInContent = major == 1;
      }
      default -> xattr(key, value);
    }
  }

  private void xattr(String key, byte[] value) {
    if (XattrRecords.read(xattrs, key, value)) {
      xattrBytes += key.length() + value.length;
    }
  }

  /** What the records of extended attributes take, names and values. */
  long xattrBytes() {
    return xattrBytes;
  }

  private void sparseMap(String text) {
    hasSparse = true;
    int start = 0;
    while (start < text.length()) {
      int comma = text.indexOf(',', start);
      int end = comma < 0 ? text.length() : comma;
      addSparse(TarNumber.parseDecimal(text.substring(start, end)));
      start = end + 1;
    }
  }

  /** Adds an offset or a length, by turns. */
  void addSparse(long number) {
    hasSparse = true;
    if (sparseCount == sparse.length) {
      sparse = Arrays.copyOf(sparse, Math.max(16, sparseCount * 2));
    }
    sparse[sparseCount++] = number;
  }

  /** The map that was read, null if the entry is not sparse. */
  @Nullable SparseMap sparseMap(long fileSize) {
    return hasSparse || sparseMapInContent ? SparseMap.of(sparse, sparseCount, fileSize) : null;
  }

  private static long number(byte[] value) {
    return TarNumber.parseDecimal(ascii(value, 0, value.length));
  }

  private static Instant time(String text) {
    boolean negative = text.startsWith("-");
    int point = text.indexOf('.');
    String whole = point < 0 ? text : text.substring(0, point);
    long seconds = whole.equals("-") ? 0 : TarNumber.parseDecimal(whole.isEmpty() ? "0" : whole);
    int nanos = 0;
    if (point >= 0) {
      String fraction = (text.substring(point + 1) + "000000000").substring(0, 9);
      nanos = (int) TarNumber.parseDecimal(fraction);
      if (nanos < 0) {
        throw new IllegalArgumentException("\"" + text + "\" is not a time");
      }
    }
    return instant(seconds, negative ? -nanos : nanos);
  }

  static Instant instant(long seconds, int nanos) {
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException | ArithmeticException outside) {
      throw new IllegalArgumentException("a time of " + seconds + " seconds", outside);
    }
  }

  private static String ascii(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
