package dev.pinnace.internal.layer;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.file.FileName;
import java.io.IOException;
import java.io.InputStream;
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
  static final int BLOCK = TarHeader.BLOCK;
  static final String TRUNCATED = "it is truncated: the stream ends inside of it";

  /** What an entry may take beside its file: its header, usual extended ones, and padding. */
  private static final long BESIDE_A_FILE = 4096;

  /** Takes an entry's stored bytes, piece by piece; the array is valid during the call only. */
  public interface Content {
    void accept(byte[] bytes, int from, int length) throws IOException;
  }

  private final TarSource source;
  private final LayerLimits limits;
  private final String subject;
  private final TarHeader header = new TarHeader(new byte[BLOCK]);
  private String current = "";
  private long contentLeft;
  private int padding;
  private long bytes;
  private int entries;

  /** Reads a layer. */
  public TarReader(InputStream in, LayerLimits limits) {
    this(in, limits, "the archive");
  }

  /**
   * Reads any archive.
   *
   * @param in what is not wanted of it is skipped, not read
   * @param subject how messages call it
   */
  public TarReader(InputStream in, LayerLimits limits, String subject) {
    this.source = new TarSource(in);
    this.limits = limits;
    this.subject = subject;
  }

  /** Whether a file that begins with {@code block}, of 512 bytes, is a tar archive. */
  public static boolean isHeader(byte[] block) {
    TarHeader header = new TarHeader(block);
    try {
      header.verify();
    } catch (IllegalArgumentException none) {
      return false;
    }
    return !header.isZero();
  }

  /** The next entry, null at the end of the archive. What was not read of the last is skipped. */
  public @Nullable TarEntry next() throws IOException {
    skipContent();
    PaxRecords pax = new PaxRecords();
    MetadataBudget budget = new MetadataBudget(limits, subject);
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
      try {
        switch (header.flag()) {
          case 'x', 'X' -> {
            pax.read(readMetadata(budget));
            extended = true;
          }
          case 'L' -> {
            longName = untilNul(readMetadata(budget));
            extended = true;
          }
          case 'K' -> {
            longLink = untilNul(readMetadata(budget));
            extended = true;
          }
          case 'g', 'V' -> {
            budget.header(afterCurrent());
            checkLength(header.size());
            if (!source.skip(padded(header.size()))) {
              throw truncated();
            }
          }
          default -> {
            return entry(pax, budget, longName, longLink);
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

  /** Reads what follows the end marker. */
  public void finish() throws IOException {
    while (source.fill()) {
      checkLength(source.available());
      source.advance(source.available());
    }
  }

  /**
   * Refuses {@code more} bytes where the archive has too many: the limit is on its files, and what
   * is passed over shall not be without.
   */
  private void checkLength(long more) {
    long beside = limits.metadata() + (entries + 1) * BESIDE_A_FILE;
    long most = limits.bytes() + Math.min(beside, Long.MAX_VALUE - limits.bytes());
    if (more > most - source.consumed()) {
      throw exceeded("the archive, " + afterCurrent() + " included,", "bytes", limits.bytes());
    }
  }

  /** Bytes of the archive so far: after {@link #next}, where the entry's content begins. */
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
    int count = source.read(header.bytes(), 0, BLOCK);
    if (count == 0) {
      if (entries == 0 && source.consumed() == 0) {
        throw new CorruptException(subject + " is no tar archive: it is empty");
      }
      return false;
    }
    if (count < BLOCK) {
      throw truncated();
    }
    checkLength(0);
    if (header.isZero()) {
      return false;
    }
    try {
      header.verify();
    } catch (IllegalArgumentException malformed) {
      throw corrupt(String.valueOf(malformed.getMessage()), malformed);
    }
    return true;
  }

  private TarEntry entry(
      PaxRecords pax, MetadataBudget budget, @Nullable String longName, @Nullable String longLink)
      throws IOException {
    String name = first(pax.path, longName, header.name());
    if (pax.sparseName != null) {
      name = pax.sparseName;
    }
    current = name;
    checkName(name);
    String link = first(pax.linkPath, longLink, header.linkName());
    checkName(link);
    if (++entries > limits.entries()) {
      throw exceeded("entry " + FileName.display(name), "entries", limits.entries());
    }
    if (pax.xattrBytes() > limits.xattrs()) {
      throw exceeded(
          "entry " + FileName.display(name), "bytes of extended attributes", limits.xattrs());
    }
    TarType type = header.type(name);
    SparseMap sparse = null;
    long size = 0;
    if (type == TarType.REGULAR) {
      long stored = pax.size != null ? pax.size : header.size();
      if (stored < 0) {
        throw new IllegalArgumentException("its size is negative");
      }
      padding = (int) (padded(stored) - stored);
      contentLeft = stored;
      size = readSparse(pax, budget, stored);
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
        throw exceeded(
            "the archive, up to entry " + FileName.display(name), "bytes", limits.bytes());
      }
      bytes += size;
    }
    return new TarEntry(
        name,
        type,
        type == TarType.HARDLINK || type == TarType.SYMLINK ? link : "",
        header.permissions(),
        id(pax.uid != null ? pax.uid : header.uid()),
        id(pax.gid != null ? pax.gid : header.gid()),
        size,
        pax.modified != null ? pax.modified : PaxRecords.instant(header.modified(), 0),
        type.isDevice() ? header.deviceMajor() : 0,
        type.isDevice() ? header.deviceMinor() : 0,
        pax.xattrs.isEmpty() ? Map.of() : pax.xattrs,
        sparse);
  }

  /** Takes in the maps that are not in PAX records; answers the size with the holes. */
  private long readSparse(PaxRecords pax, MetadataBudget budget, long stored) throws IOException {
    SparseBlocks blocks =
        new SparseBlocks(source, pax, budget, "entry " + FileName.display(current));
    if (header.flag() == 'S') {
      blocks.readOld(header);
      return header.realSize();
    }
    if (pax.sparseSize == null) {
      return stored;
    }
    if (pax.sparseMapInContent) {
      contentLeft = blocks.readLines(stored);
    }
    return pax.sparseSize;
  }

  private static int id(long value) {
    if (value < 0 || value >= 0xFFFFFFFFL) {
      throw new IllegalArgumentException("its owner or group " + value + " is out of range");
    }
    return (int) value;
  }

  private byte[] readMetadata(MetadataBudget budget) throws IOException {
    long size = header.size();
    budget.header(afterCurrent());
    budget.keep(size, afterCurrent());
    byte[] content = new byte[(int) size];
    if (source.read(content, 0, content.length) < content.length
        || !source.skip(padded(size) - size)) {
      throw truncated();
    }
    return content;
  }

  private String afterCurrent() {
    return isBeforeFirst()
        ? "what precedes the first entry"
        : "what follows entry " + FileName.display(current);
  }

  private boolean isBeforeFirst() {
    return entries == 0 && current.isEmpty();
  }

  private void checkName(String name) {
    if (name.length() > limits.name()) {
      throw exceeded("entry " + FileName.display(name), "bytes of name", limits.name());
    }
    if (name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("its name holds a NUL");
    }
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

  private InvalidSpecException exceeded(String where, String what, long limit) {
    return LayerLimits.exceeded(subject, where, what, limit);
  }

  private CorruptException truncated() {
    return corrupt(TRUNCATED, null);
  }

  private CorruptException corrupt(String why, @Nullable Throwable cause) {
    return new CorruptException(
        subject
            + " is damaged at byte "
            + source.consumed()
            + (isBeforeFirst()
                ? ", before its first entry: "
                : ", at or after entry " + FileName.display(current) + ": ")
            + why,
        cause);
  }
}
