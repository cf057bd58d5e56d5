package dev.pinnace.internal.layer;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.file.FileName;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads an uncompressed tar archive byte-exactly: v7, ustar, PAX, GNU (long names, sparse files old
 * and 0.0 to 1.0, base-256 numbers). Global PAX headers and volume labels are passed over. Not
 * thread-safe.
 *
 * <p>{@link CorruptException} names the entry and the byte where the archive is damaged, {@link
 * InvalidSpecException} the limit that it exceeds; {@link IOException} is the stream's own.
 */
public final class TarReader {
  static final int BLOCK = 512;

  /** Takes an entry's stored bytes, piece by piece; the array is valid during the call only. */
  public interface Content {
    void accept(byte[] bytes, int from, int length) throws IOException;
  }

  private final TarSource source;
  private final LayerLimits limits;
  private final byte[] header = new byte[BLOCK];
  private String current = "";
  private long contentLeft;
  private int padding;
  private long bytes;
  private int entries;

  public TarReader(InputStream in, LayerLimits limits) {
    this.source = new TarSource(in);
    this.limits = limits;
  }

  /** The next entry, null at the end of the archive. What was not read of the last is skipped. */
  public @Nullable TarEntry next() throws IOException {
    skipContent();
    PaxRecords pax = new PaxRecords();
    String longName = null;
    String longLink = null;
    boolean extended = false;
    while (true) {
      if (!readHeader()) {
        if (extended) {
          throw corrupt("an extended header is followed by no entry", null);
        }
        return null;
      }
      char flag = (char) (header[156] & 0xFF);
      try {
        switch (flag) {
          case 'x', 'X' -> {
            pax.read(readMetadata());
            extended = true;
          }
          case 'L' -> {
            longName = untilNul(readMetadata());
            extended = true;
          }
          case 'K' -> {
            longLink = untilNul(readMetadata());
            extended = true;
          }
          case 'g', 'V' -> {
            if (!source.skip(padded(size()))) {
              throw truncated();
            }
          }
          default -> {
            return entry(flag, pax, longName, longLink);
          }
        }
      } catch (IllegalArgumentException malformed) {
        throw corrupt(String.valueOf(malformed.getMessage()), malformed);
      }
    }
  }

  /** Hands over all stored bytes of the current entry: of a sparse one, its parts end to end. */
  public void content(Content sink) throws IOException {
    while (contentLeft > 0) {
      if (!source.fill()) {
        throw truncated();
      }
      int count = (int) Math.min(contentLeft, source.available());
      sink.accept(source.buffer(), source.position(), count);
      source.advance(count);
      contentLeft -= count;
    }
  }

  /** Reads what follows the end marker and gives the hash of the whole stream. */
  public Digest finish() throws IOException {
    source.drain();
    return new Digest(HexFormat.of().formatHex(source.sha256()));
  }

  /** Bytes of the archive read so far. */
  public long tarBytes() {
    return source.consumed();
  }

  /** Sum of the sizes of the files so far. */
  public long contentBytes() {
    return bytes;
  }

  /** Number of entries so far. */
  public int entries() {
    return entries;
  }

  private void skipContent() throws IOException {
    if (!source.skip(contentLeft)) {
      throw truncated();
    }
    contentLeft = 0;
    if (padding > 0 && source.fill() && !source.skip(padding)) {
      throw truncated();
    }
    // Of the last entry nothing but the content need be there: umoci 0.4 writes such layers.
    padding = 0;
  }

  /** Reads a header block; false at the end marker, or where the stream ends between entries. */
  private boolean readHeader() throws IOException {
    int count = source.read(header, 0, BLOCK);
    if (count == 0) {
      if (entries == 0 && source.consumed() == 0) {
        throw new CorruptException("the layer is no tar archive: it is empty");
      }
      return false;
    }
    if (count < BLOCK) {
      throw truncated();
    }
    long unsigned = 0;
    long signed = 0;
    boolean zero = true;
    for (int i = 0; i < BLOCK; i++) {
      byte value = i >= 148 && i < 156 ? (byte) ' ' : header[i];
      zero &= header[i] == 0;
      unsigned += value & 0xFF;
      signed += value;
    }
    if (zero) {
      return false;
    }
    long expected;
    try {
      expected = TarNumber.parse(header, 148, 8);
    } catch (IllegalArgumentException malformed) {
      throw corrupt("its header has no checksum", malformed);
    }
    if (expected != unsigned && expected != signed) {
      throw corrupt("its header's checksum is wrong", null);
    }
    return true;
  }

  private TarEntry entry(
      char flag, PaxRecords pax, @Nullable String longName, @Nullable String longLink)
      throws IOException {
    String name = first(pax.path, longName, headerName());
    if (pax.sparseName != null) {
      name = pax.sparseName;
    }
    current = name;
    checkName(name);
    String link = first(pax.linkPath, longLink, field(157, 100));
    checkName(link);
    if (++entries > limits.entries()) {
      throw LayerLimits.exceeded("entry " + FileName.display(name), "entries", limits.entries());
    }
    TarType type = type(flag, name);
    SparseMap sparse = null;
    long size = 0;
    if (type == TarType.REGULAR) {
      long stored = pax.size != null ? pax.size : size();
      if (stored < 0) {
        throw new IllegalArgumentException("its size is negative");
      }
      padding = (int) (padded(stored) - stored);
      contentLeft = stored;
      size = stored;
      if (flag == 'S') {
        size = TarNumber.parse(header, 483, 12);
        readOldSparse(pax);
      } else if (pax.sparseSize != null) {
        size = pax.sparseSize;
        if (pax.sparseMapInContent) {
          readSparseMap(pax);
        }
      }
      if (size < 0) {
        throw new IllegalArgumentException("its size is negative");
      }
      sparse = pax.sparseMap(size);
      if (sparse != null && sparse.stored() != contentLeft) {
        throw new IllegalArgumentException(
            "its sparse map wants " + sparse.stored() + " bytes of " + contentLeft);
      }
      if (sparse == null && size != contentLeft) {
        throw new IllegalArgumentException("it is sparse but has no map");
      }
      if (size > limits.bytes() - bytes) {
        throw LayerLimits.exceeded(
            "the archive, up to entry " + FileName.display(name), "bytes", limits.bytes());
      }
      bytes += size;
    }
    return new TarEntry(
        name,
        type,
        type == TarType.HARDLINK || type == TarType.SYMLINK ? link : "",
        (int) TarNumber.parse(header, 100, 8) & 07777,
        id(pax.uid != null ? pax.uid : TarNumber.parse(header, 108, 8)),
        id(pax.gid != null ? pax.gid : TarNumber.parse(header, 116, 8)),
        size,
        pax.modified != null
            ? pax.modified
            : PaxRecords.instant(TarNumber.parse(header, 136, 12), 0),
        type.isDevice() ? device(329, 0xFFF) : 0,
        type.isDevice() ? device(337, 0xFFFFF) : 0,
        pax.xattrs.isEmpty() ? Map.of() : pax.xattrs,
        sparse);
  }

  private static TarType type(char flag, String name) {
    return switch (flag) {
      case '0', '\0', '7' -> name.endsWith("/") ? TarType.DIRECTORY : TarType.REGULAR;
      case 'S' -> TarType.REGULAR;
      case '1' -> TarType.HARDLINK;
      case '2' -> TarType.SYMLINK;
      case '3' -> TarType.CHARACTER_DEVICE;
      case '4' -> TarType.BLOCK_DEVICE;
      case '5' -> TarType.DIRECTORY;
      case '6' -> TarType.FIFO;
      default ->
          throw new IllegalArgumentException(
              "its type flag 0x" + Integer.toHexString(flag) + " is not known");
    };
  }

  private static int id(long value) {
    if (value < 0 || value >= 0xFFFFFFFFL) {
      throw new IllegalArgumentException("its owner or group " + value + " is out of range");
    }
    return (int) value;
  }

  private int device(int at, int largest) {
    long value = TarNumber.parse(header, at, 8);
    if (value < 0 || value > largest) {
      throw new IllegalArgumentException("its device number " + value + " is out of range");
    }
    return (int) value;
  }

  private long size() {
    long size = TarNumber.parse(header, 124, 12);
    if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
      throw new IllegalArgumentException("its size is out of range");
    }
    return size;
  }

  /** GNU tar's first format: four parts in the header, then blocks of 21. */
  private void readOldSparse(PaxRecords pax) throws IOException {
    addOldParts(pax, header, 386, 4);
    boolean more = header[482] != 0;
    byte[] block = new byte[BLOCK];
    long read = 0;
    while (more) {
      read += BLOCK;
      if (read > limits.metadata()) {
        throw LayerLimits.exceeded(
            "entry " + FileName.display(current), "bytes of sparse map", limits.metadata());
      }
      if (source.read(block, 0, BLOCK) < BLOCK) {
        throw truncated();
      }
      addOldParts(pax, block, 0, 21);
      more = block[504] != 0;
    }
  }

  private static void addOldParts(PaxRecords pax, byte[] block, int from, int count) {
    for (int i = 0; i < count && block[from + 24 * i] != 0; i++) {
      pax.addSparse(TarNumber.parse(block, from + 24 * i, 12));
      pax.addSparse(TarNumber.parse(block, from + 24 * i + 12, 12));
    }
  }

  /** Sparse format 1.0: decimal lines before the content: how many parts, then each. */
  private void readSparseMap(PaxRecords pax) throws IOException {
    byte[] block = new byte[BLOCK];
    long wanted = -1;
    long number = 0;
    boolean digits = false;
    long read = 0;
    long seen = 0;
    while (wanted < 0 || seen < wanted) {
      read += BLOCK;
      if (read > limits.metadata()) {
        throw LayerLimits.exceeded(
            "entry " + FileName.display(current), "bytes of sparse map", limits.metadata());
      }
      if (contentLeft < BLOCK || source.read(block, 0, BLOCK) < BLOCK) {
        throw truncated();
      }
      contentLeft -= BLOCK;
      for (int i = 0; i < BLOCK && (wanted < 0 || seen < wanted); i++) {
        if (block[i] == '\n' && digits) {
          if (wanted < 0) {
            wanted = Math.multiplyExact(Math.min(number, Integer.MAX_VALUE), 2L);
          } else {
            pax.addSparse(number);
            seen++;
          }
          number = 0;
          digits = false;
        } else if (block[i] >= '0' && block[i] <= '9' && number < Long.MAX_VALUE / 10 - 9) {
          number = number * 10 + block[i] - '0';
          digits = true;
        } else {
          throw new IllegalArgumentException("its sparse map is malformed");
        }
      }
    }
  }

  private byte[] readMetadata() throws IOException {
    long size = size();
    if (size > limits.metadata()) {
      throw LayerLimits.exceeded(
          "the extended header after " + FileName.display(current), "bytes", limits.metadata());
    }
    byte[] content = new byte[(int) size];
    if (source.read(content, 0, content.length) < content.length
        || !source.skip(padded(size) - size)) {
      throw truncated();
    }
    return content;
  }

  private void checkName(String name) {
    if (name.length() > limits.name()) {
      throw LayerLimits.exceeded("entry " + FileName.display(name), "bytes of name", limits.name());
    }
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("its name holds a NUL");
    }
  }

  /** Name of the header itself; ustar splits long ones, star keeps times in the prefix's end. */
  private String headerName() {
    String name = field(0, 100);
    boolean posix = header[262] == 0 && field(257, 6).equals("ustar");
    boolean star = field(508, 4).equals("tar");
    String prefix = posix ? field(345, star ? 131 : 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  private String field(int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return FileName.decode(header, from, end - from);
  }

  private static String untilNul(byte[] content) {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    return FileName.decode(content, 0, end);
  }

  private static String first(@Nullable String a, @Nullable String b, String c) {
    return Objects.requireNonNullElse(a, Objects.requireNonNullElse(b, c));
  }

  private static long padded(long size) {
    return (size + BLOCK - 1) & -BLOCK;
  }

  private CorruptException truncated() {
    return corrupt("the stream ends inside of it", null);
  }

  private CorruptException corrupt(String why, @Nullable Throwable cause) {
    return new CorruptException(
        "the layer's tar archive is damaged at byte "
            + source.consumed()
            + ", at or after entry "
            + FileName.display(current)
            + ": "
            + why,
        cause);
  }
}
