package dev.pinnace.internal.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A tar archive in memory, entry by entry, well-formed or not. */
final class Archive {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final TarWriter writer = new TarWriter(out);

  Archive add(TarEntry entry) {
    try {
      writer.entry(entry);
      writer.write(new byte[(int) entry.size()], 0, (int) entry.size());
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  Archive file(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      writer.entry(TarEntry.file(name, bytes.length));
      writer.write(bytes, 0, bytes.length);
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  Archive dir(String name) {
    return add(TarEntry.directory(name));
  }

  Archive symlink(String name, String target) {
    return add(TarEntry.symlink(name, target));
  }

  Archive hardlink(String name, String target) {
    return add(TarEntry.hardlink(name, target));
  }

  /** A header of any kind with content as it is. */
  Archive raw(char flag, String name, long declaredSize, byte[] content) {
    try {
      writer.entry(TarEntry.file(name, 0));
      byte[] all = out.toByteArray();
      byte[] header = java.util.Arrays.copyOfRange(all, all.length - 512, all.length);
      out.reset();
      out.write(all, 0, all.length - 512);
      header[156] = (byte) flag;
      TarNumber.format(declaredSize, header, 124, 12);
      out.write(checksummed(header));
      out.write(content);
      out.write(new byte[-content.length & 511]);
      return this;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static byte[] checksummed(byte[] header) {
    java.util.Arrays.fill(header, 148, 156, (byte) ' ');
    long sum = 0;
    for (byte value : header) {
      sum += value & 0xFF;
    }
    TarNumber.format(sum, header, 148, 7);
    return header;
  }

  static byte[] pax(String... records) {
    StringBuilder all = new StringBuilder();
    for (String record : records) {
      int length = record.length() + 3;
      length += Integer.toString(length).length();
      if (Integer.toString(length).length() + record.length() + 2 != length) {
        length = record.length() + 2 + Integer.toString(length).length();
      }
      all.append(length).append(' ').append(record).append('\n');
    }
    return all.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  byte[] bytes() {
    try {
      writer.close();
      return out.toByteArray();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
