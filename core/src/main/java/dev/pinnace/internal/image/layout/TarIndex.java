package dev.pinnace.internal.image.layout;

import dev.pinnace.error.CorruptException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.internal.layer.LayerLimits;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarReader;
import dev.pinnace.internal.layer.TarType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the files of a tar lie, found by hopping from header to header without reading what is
 * between. For archives of a few large files, of which only names, lengths and links matter.
 */
final class TarIndex {
  /** Where a file's bytes are. */
  record Span(long offset, long size) {}

  static final int BLOCK = 512;
  private static final int MOST_NAMES = 32 << 20;
  private static final LayerLimits LIMITS =
      LayerLimits.defaults().withBytes(Long.MAX_VALUE).withEntries(100_000).withMetadata(1 << 20);

  private final String archive;
  private final Map<String, Span> files = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();
  private long names;

  private TarIndex(String archive) {
    this.archive = archive;
  }

  static TarIndex of(FileChannel tar, String archive) throws IOException {
    TarIndex index = new TarIndex(archive);
    TarReader reader =
        new TarReader(new SpanStream(tar, archive, new Span(0, tar.size())), LIMITS, archive);
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      index.add(entry, reader.tarBytes());
    }
    return index;
  }

  /** Whether a file's first block is a tar header. */
  static boolean looksLikeTar(FileChannel file) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      if (file.read(block, block.position()) < 0) {
        return false;
      }
    }
    return looksLikeTar(block.array());
  }

  /** Whether the first block of a file, which may be shorter than one, is a tar header. */
  static boolean looksLikeTar(byte[] start) {
    return start.length == BLOCK && TarReader.isHeader(start);
  }

  Map<String, Span> files() {
    return files;
  }

  Map<String, String> links() {
    return links;
  }

  private void add(TarEntry entry, long offset) {
    String name = ArchiveFiles.normalise(entry.name(), archive);
    names += name.length() + entry.linkName().length();
    if (names > MOST_NAMES) {
      throw new CorruptException(archive + " has more than " + MOST_NAMES + " bytes of names");
    }
    if (entry.type() == TarType.REGULAR) {
      if (entry.sparse() != null) {
        throw new InvalidSpecException(
            name + " in " + archive + " is stored with holes: write the archive without --sparse");
      }
      files.put(name, new Span(offset, entry.size()));
    } else if (entry.type() == TarType.HARDLINK) {
      links.put(name, entry.linkName());
    } else if (entry.type() == TarType.SYMLINK) {
      int slash = name.lastIndexOf('/');
      links.put(
          name, slash < 0 ? entry.linkName() : join(name.substring(0, slash), entry.linkName()));
    }
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
}
