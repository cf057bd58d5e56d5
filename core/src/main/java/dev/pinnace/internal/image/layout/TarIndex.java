package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the files of a tar lie (ustar, PAX and GNU long names), found by hopping from header to
 * header without reading what is between. For archives of a few large files, of which only names,
 * lengths and links matter; layers have a reader of their own.
 */
final class TarIndex {
  /** Where a file's bytes are. */
  record Span(long offset, long size) {}

  private static final int BLOCK = 512;
  private static final int MOST_ENTRIES = 100_000;
  private static final int LONGEST_EXTENSION = 1 << 20;

  private final FileChannel tar;
  private final String archive;
  private final long length;
  private final Map<String, Span> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private final Map<String, String> pax = new HashMap<>();

  private TarIndex(FileChannel tar, String archive) throws IOException {
    this.tar = tar;
    this.archive = archive;
    this.length = tar.size();
  }

  static TarIndex of(FileChannel tar, String archive) throws IOException {
    TarIndex index = new TarIndex(tar, archive);
    index.scan();
    return index;
  }

  /** Whether a file's first block is a tar header: its checksum is right. */
  static boolean looksLikeTar(FileChannel file) throws IOException {
    if (file.size() < BLOCK) {
      return false;
    }
    byte[] block = readFully(file, 0, BLOCK);
    return !isZero(block) && checksumIsRight(block);
  }

  Map<String, Span> files() {
    return files;
  }

  Map<String, String> links() {
    return links;
  }

  private void scan() throws IOException {
    long position = 0;
    int entries = 0;
    while (position < length) {
      if (length - position < BLOCK) {
        throw early("a header");
      }
      byte[] header = readFully(tar, position, BLOCK);
      if (isZero(header)) {
        return;
      }
      if (!checksumIsRight(header)) {
        throw new CorruptException(
            archive + " is damaged: at byte " + position + " there is no tar header");
      }
      if (++entries > MOST_ENTRIES) {
        throw new CorruptException(archive + " has more than " + MOST_ENTRIES + " entries");
      }
      position = entry(header, position + BLOCK);
    }
  }

  /** Takes in one entry whose data begins at {@code data}; answers where the next header is. */
  private long entry(byte[] header, long data) throws IOException {
    char type = (char) (header[156] & 0xff);
    boolean extension = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    String paxSize = extension ? null : pax.get("size");
    long size = paxSize == null ? number(header, 124, 12) : decimal(paxSize);
    boolean hasData = type != '1' && type != '2' && type != '5';
    String name = extension ? "an extended header" : entryName(header);
    if (size < 0 || (hasData && size > length - data)) {
      throw early(name);
    }
    long next = hasData ? data + (size + BLOCK - 1) / BLOCK * BLOCK : data;
    switch (type) {
      case 'x' -> readPax(extension(data, size));
      case 'L' -> pax.put("path", untilNul(extension(data, size)));
      case 'K' -> pax.put("linkpath", untilNul(extension(data, size)));
      case 'g' -> {
        // Global headers describe the archive as a whole; none of them changes what we look for.
      }
      case '0', '\0', '7' -> {
        files.put(ArchiveFiles.normalise(name, archive), new Span(data, size));
        pax.clear();
      }
      case '1', '2' -> {
        link(ArchiveFiles.normalise(name, archive), type, header);
        pax.clear();
      }
      default -> {
        ArchiveFiles.normalise(name, archive);
        pax.clear();
      }
    }
    return next;
  }

  private void link(String name, char type, byte[] header) {
    String target = pax.getOrDefault("linkpath", text(header, 157, 100));
    int slash = name.lastIndexOf('/');
    boolean relative = type == '2' && slash >= 0;
    links.put(name, relative ? join(name.substring(0, slash), target) : target);
  }

  /** Resolves {@code ..} of a symbolic link by the text alone, as far as it stays inside. */
  private static String join(String directory, String target) {
    if (target.startsWith("/")) {
      return target;
    }
    String base = directory;
    String rest = target;
    while (rest.startsWith("../") && !base.isEmpty()) {
      rest = rest.substring(3);
      base = base.substring(0, Math.max(0, base.lastIndexOf('/')));
    }
    return base.isEmpty() ? rest : base + "/" + rest;
  }

  private String entryName(byte[] header) {
    String path = pax.get("path");
    if (path != null) {
      return path;
    }
    String name = text(header, 0, 100);
    boolean posix = text(header, 257, 6).equals("ustar") && header[262] == 0;
    String prefix = posix ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private byte[] extension(long at, long size) throws IOException {
    if (size > LONGEST_EXTENSION) {
      throw new CorruptException(archive + " has an extended header of " + size + " bytes");
    }
    return readFully(tar, at, (int) size);
  }

  /** Records of {@code LENGTH KEY=VALUE\n}, pax(1). */
  private void readPax(byte[] records) {
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      long size = decimal(new String(records, at, space - at, StandardCharsets.US_ASCII));
      if (size <= space - at + 1L || size > records.length - at) {
        throw new CorruptException(archive + " has a malformed extended header");
      }
      String record =
          new String(records, space + 1, (int) size - (space + 1 - at) - 1, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      if (equals > 0) {
        pax.put(record.substring(0, equals), record.substring(equals + 1));
      }
      at += (int) size;
    }
  }

  private long decimal(String digits) {
    if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(TarIndex::isDigit)) {
      throw new CorruptException(archive + " has a malformed number in an extended header");
    }
    return Long.parseLong(digits);
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private long number(byte[] header, int at, int width) {
    if ((header[at] & 0x80) != 0) { // GNU: big-endian binary
      long value = header[at] & 0x7f;
      for (int i = 1; i < width; i++) {
        if (value >= 1L << 55) {
          throw new CorruptException(archive + " has an entry of impossible length");
        }
        value = value << 8 | (header[at + i] & 0xff);
      }
      return value;
    }
    String octal = text(header, at, width).strip();
    try {
      return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
    } catch (NumberFormatException damage) {
      throw new CorruptException(archive + " has a header with a malformed number", damage);
    }
  }

  private static String text(byte[] block, int at, int width) {
    int end = at;
    while (end < at + width && block[end] != 0) {
      end++;
    }
    return new String(block, at, end - at, StandardCharsets.UTF_8);
  }

  private static String untilNul(byte[] bytes) {
    return text(bytes, 0, bytes.length);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean checksumIsRight(byte[] header) {
    int sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    String stated = text(header, 148, 8).strip();
    try {
      return !stated.isEmpty() && Integer.parseInt(stated, 8) == sum;
    } catch (NumberFormatException notOctal) {
      return false;
    }
  }

  private CorruptException early(String entry) {
    return new CorruptException(archive + " is truncated: it ends within " + entry);
  }

  private static byte[] readFully(FileChannel file, long at, int size) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(size);
    while (into.hasRemaining()) {
      if (file.read(into, at + into.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return into.array();
  }
}
