package dev.pinnace.internal.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** Writes small ustar archives for tests, honest ones and others. */
public final class TestTar {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds a regular file. */
  public TestTar file(String name, byte[] content) {
    return entry(name, '0', "", content, content.length);
  }

  /** Adds a regular file of text. */
  public TestTar file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a symbolic link. */
  public TestTar symlink(String name, String target) {
    return entry(name, '2', target, new byte[0], 0);
  }

  /** Adds an entry whose stated size may be a lie. */
  public TestTar entry(String name, char type, String link, byte[] content, long size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    if (size <= 077777777777L) {
      put(header, 124, String.format(Locale.ROOT, "%011o", size));
    } else {
      ByteBuffer.wrap(header, 124, 12).putInt(0x80000000).putLong(size);
    }
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o", sum));
    header[154] = 0;
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** The archive with its end mark. */
  public byte[] bytes() {
    byte[] entries = out.toByteArray();
    return Arrays.copyOf(entries, entries.length + 1024);
  }
}
