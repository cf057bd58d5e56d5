package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileName;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a tar archive: ustar headers, PAX records only for what those cannot hold. The same
 * entries give the same bytes. Sparse entries are written with their holes as zeros by the caller.
 * Not thread-safe.
 */
public final class TarWriter implements AutoCloseable {
  private static final int BLOCK = TarReader.BLOCK;
  private static final int SHORT_NAME = 100;

  private final OutputStream out;
  private String current = "";
  private long contentLeft;
  private int padding;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes an entry's headers; exactly {@code entry.size()} bytes of content must follow. */
  public void entry(TarEntry entry) throws IOException {
    finishEntry();
    byte[] name = FileName.encode(entry.name());
    byte[] link = FileName.encode(entry.linkName());
    SortedMap<String, byte[]> records = records(entry, name, link);
    if (!records.isEmpty()) {
      byte[] content = encode(records);
      byte[] header = new byte[BLOCK];
      byte[] label = "PaxHeaders/".getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(label, 0, header, 0, label.length);
      System.arraycopy(name, 0, header, label.length, Math.min(name.length, 80));
      seal(header, 'x', 0644, 0, 0, content.length, 0, 0, 0);
      out.write(header);
      out.write(content);
      out.write(new byte[padding(content.length)]);
    }
    byte[] header = new byte[BLOCK];
    System.arraycopy(name, 0, header, 0, Math.min(name.length, SHORT_NAME));
    System.arraycopy(link, 0, header, 157, Math.min(link.length, SHORT_NAME));
    long seconds = entry.modified().getEpochSecond();
    seal(
        header,
        entry.type().flag(),
        entry.permissions(),
        fitting(entry.uid() & 0xFFFFFFFFL, 8),
        fitting(entry.gid() & 0xFFFFFFFFL, 8),
        fitting(entry.size(), 12),
        fitting(seconds, 12),
        entry.deviceMajor(),
        entry.deviceMinor());
    out.write(header);
    current = entry.name();
    contentLeft = entry.size();
    padding = padding(entry.size());
  }

  /** Writes content of the current entry. */
  public void write(byte[] bytes, int from, int length) throws IOException {
    if (length > contentLeft) {
      throw new IllegalStateException(
          "more content than entry " + FileName.display(current) + " declared");
    }
    out.write(bytes, from, length);
    contentLeft -= length;
  }

  /** Writes the end marker and flushes; the stream stays open. */
  @Override
  public void close() throws IOException {
    finishEntry();
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private void finishEntry() throws IOException {
    if (contentLeft > 0) {
      throw new IllegalStateException(
          "entry " + FileName.display(current) + " still misses " + contentLeft + " bytes");
    }
    out.write(new byte[padding]);
    padding = 0;
  }

  private static SortedMap<String, byte[]> records(TarEntry entry, byte[] name, byte[] link) {
    SortedMap<String, byte[]> records = new TreeMap<>();
    if (name.length > SHORT_NAME) {
      records.put("path", name);
    }
    if (link.length > SHORT_NAME) {
      records.put("linkpath", link);
    }
    number(records, "uid", entry.uid() & 0xFFFFFFFFL, 8);
    number(records, "gid", entry.gid() & 0xFFFFFFFFL, 8);
    number(records, "size", entry.size(), 12);
    Instant time = entry.modified();
    if (time.getNano() != 0 || !TarNumber.fits(time.getEpochSecond(), 12)) {
      records.put("mtime", decimal(time).getBytes(StandardCharsets.US_ASCII));
    }
    entry.xattrs().forEach((key, value) -> XattrRecords.write(records, key, value));
    return records;
  }

  private static void number(
      SortedMap<String, byte[]> records, String key, long value, int fieldLength) {
    if (!TarNumber.fits(value, fieldLength)) {
      records.put(key, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static String decimal(Instant time) {
    long seconds = time.getEpochSecond();
    int nanos = time.getNano();
    if (seconds < 0 && nanos > 0) {
      seconds++;
      nanos = 1_000_000_000 - nanos;
      return String.format("-%d.%09d", -seconds, nanos);
    }
    return nanos == 0 ? Long.toString(seconds) : String.format("%d.%09d", seconds, nanos);
  }

  /** "LENGTH KEY=VALUE\n", the length counting its own digits. */
  private static byte[] encode(Map<String, byte[]> records) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    records.forEach(
        (key, value) -> {
          byte[] name = FileName.encode(key);
          int rest = name.length + value.length + 3;
          int length = rest + Integer.toString(rest).length();
          if (Integer.toString(length).length() > Integer.toString(rest).length()) {
            length++;
          }
          content.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
          content.writeBytes(name);
          content.write('=');
          content.writeBytes(value);
          content.write('\n');
        });
    return content.toByteArray();
  }

  private static long fitting(long value, int length) {
    return TarNumber.fits(value, length) ? value : 0;
  }

  private static int padding(long size) {
    return (int) (-size & (BLOCK - 1));
  }

  private static void seal(
      byte[] header,
      char flag,
      int mode,
      long uid,
      long gid,
      long size,
      long modified,
      int major,
      int minor) {
    TarNumber.format(mode, header, 100, 8);
    TarNumber.format(uid, header, 108, 8);
    TarNumber.format(gid, header, 116, 8);
    TarNumber.format(size, header, 124, 12);
    TarNumber.format(modified, header, 136, 12);
    header[156] = (byte) flag;
    byte[] magic = "ustar\00000".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(magic, 0, header, 257, magic.length);
    TarNumber.format(major, header, 329, 8);
    TarNumber.format(minor, header, 337, 8);
    Arrays.fill(header, 148, 156, (byte) ' ');
    long sum = 0;
    for (byte value : header) {
      sum += value & 0xFF;
    }
    TarNumber.format(sum, header, 148, 7);
    header[155] = ' ';
  }
}
