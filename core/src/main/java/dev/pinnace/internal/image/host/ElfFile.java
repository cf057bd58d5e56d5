package dev.pinnace.internal.image.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a 64-bit little-endian ELF file (elf(5)) says about what it needs to run.
 *
 * @param machine {@code e_machine}
 * @param interpreter the dynamic loader, PT_INTERP
 * @param needed names of shared libraries, DT_NEEDED
 * @param rpath DT_RPATH, split at colons
 * @param runpath DT_RUNPATH, split at colons
 */
record ElfFile(
    int machine,
    Optional<String> interpreter,
    List<String> needed,
    List<String> rpath,
    List<String> runpath) {
  private static final int MAGIC = 0x464c457f;
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int MOST_PROGRAM_HEADERS = 1024;
  private static final int LARGEST_DYNAMIC = 1 << 20;
  private static final int LONGEST_STRING = 4096;
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int DT_NEEDED = 1;
  private static final int DT_STRTAB = 5;
  private static final int DT_RPATH = 15;
  private static final int DT_RUNPATH = 29;

  private record Segment(int type, long offset, long address, long size) {}

  /** Reads a file; empty when it is no ELF file of that class and byte order. */
  static Optional<ElfFile> read(Path file) throws IOException {
    try (FileChannel elf = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = bytes(elf, 0, HEADER);
      if (header.remaining() < HEADER
          || header.getInt(0) != MAGIC
          || header.get(4) != 2
          || header.get(5) != 1) {
        return Optional.empty();
      }
      return Optional.of(read(elf, header));
    }
  }

  private static ElfFile read(FileChannel elf, ByteBuffer header) throws IOException {
    List<Segment> segments = segments(elf, header);
    Optional<String> interpreter = Optional.empty();
    List<String> needed = new ArrayList<>();
    List<String> rpath = new ArrayList<>();
    List<String> runpath = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.type() == PT_INTERP) {
        // Files of debug information have a place for one, and nothing in it.
        interpreter = Optional.of(string(elf, segment.offset())).filter(name -> !name.isEmpty());
      } else if (segment.type() == PT_DYNAMIC) {
        ByteBuffer dynamic =
            bytes(elf, segment.offset(), Math.min(segment.size(), LARGEST_DYNAMIC));
        long strings = fileOffset(segments, first(dynamic, DT_STRTAB));
        needed.addAll(strings(elf, dynamic, DT_NEEDED, strings));
        rpath.addAll(split(strings(elf, dynamic, DT_RPATH, strings)));
        runpath.addAll(split(strings(elf, dynamic, DT_RUNPATH, strings)));
      }
    }
    return new ElfFile(header.getShort(18) & 0xffff, interpreter, needed, rpath, runpath);
  }

  private static List<Segment> segments(FileChannel elf, ByteBuffer header) throws IOException {
    int size = header.getShort(54) & 0xffff;
    int count = Math.min(header.getShort(56) & 0xffff, MOST_PROGRAM_HEADERS);
    List<Segment> segments = new ArrayList<>(count);
    if (size < PROGRAM_HEADER) {
      return segments;
    }
    ByteBuffer table = bytes(elf, header.getLong(32), (long) size * count);
    for (int at = 0; at + PROGRAM_HEADER <= table.limit(); at += size) {
      segments.add(
          new Segment(
              table.getInt(at),
              table.getLong(at + 8),
              table.getLong(at + 16),
              table.getLong(at + 32)));
    }
    return segments;
  }

  private static long first(ByteBuffer dynamic, int tag) {
    for (int at = 0; at + 16 <= dynamic.limit(); at += 16) {
      if (dynamic.getLong(at) == tag) {
        return dynamic.getLong(at + 8);
      }
    }
    return 0;
  }

  private static long fileOffset(List<Segment> segments, long address) {
    for (Segment segment : segments) {
      if (segment.type() == PT_LOAD
          && address >= segment.address()
          && address - segment.address() < segment.size()) {
        return segment.offset() + address - segment.address();
      }
    }
    return address;
  }

  private static List<String> strings(FileChannel elf, ByteBuffer dynamic, int tag, long table)
      throws IOException {
    List<String> found = new ArrayList<>();
    for (int at = 0; at + 16 <= dynamic.limit() && dynamic.getLong(at) != 0; at += 16) {
      if (dynamic.getLong(at) == tag) {
        found.add(string(elf, table + dynamic.getLong(at + 8)));
      }
    }
    return found;
  }

  private static List<String> split(List<String> paths) {
    return paths.stream()
        .flatMap(path -> List.of(path.split(":")).stream())
        .filter(path -> !path.isEmpty())
        .toList();
  }

  private static String string(FileChannel elf, long at) throws IOException {
    ByteBuffer bytes = bytes(elf, at, LONGEST_STRING);
    byte[] text = new byte[bytes.remaining()];
    bytes.get(text);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  /** At most {@code size} bytes at {@code at}; fewer at the end, none for a senseless place. */
  private static ByteBuffer bytes(FileChannel elf, long at, long size) throws IOException {
    boolean senseless = at < 0 || size < 0 || at > elf.size();
    int most = senseless ? 0 : (int) Math.min(size, elf.size() - at);
    ByteBuffer bytes = ByteBuffer.allocate(most).order(ByteOrder.LITTLE_ENDIAN);
    int got = 0;
    while (bytes.hasRemaining() && got >= 0) {
      got = elf.read(bytes, at + bytes.position());
    }
    return bytes.flip();
  }
}
