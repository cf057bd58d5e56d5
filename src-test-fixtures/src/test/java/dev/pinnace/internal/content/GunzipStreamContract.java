package dev.pinnace.internal.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;

/** One corpus for every inflater. */
abstract class GunzipStreamContract {
  private static final byte[] TEXT =
      "The same bytes, again and again. ".repeat(3000).getBytes(StandardCharsets.US_ASCII);

  abstract RawInflater inflater();

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(bytes).nextBytes(noise);
    return noise;
  }

  /** A member with optional header fields, all of them at most. */
  private static byte[] member(byte[] content, int level, int flags) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      out.write(new byte[] {5, 0, 'x', 'y', 1, 0, 'z'});
    }
    if ((flags & 8) != 0) {
      out.write("name\0".getBytes(StandardCharsets.US_ASCII));
    }
    if ((flags & 16) != 0) {
      out.write("comment\0".getBytes(StandardCharsets.US_ASCII));
    }
    if ((flags & 2) != 0) {
      CRC32 header = new CRC32();
      header.update(out.toByteArray());
      out.write((int) header.getValue());
      out.write((int) (header.getValue() >> 8));
    }
    Deflater deflater = new Deflater(level, true);
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(out, deflater)) {
      deflate.write(content);
      deflate.finish();
      CRC32 crc = new CRC32();
      crc.update(content);
      for (long value : new long[] {crc.getValue(), content.length}) {
        for (int shift = 0; shift < 32; shift += 8) {
          out.write((int) (value >> shift));
        }
      }
    } finally {
      deflater.end();
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** In pieces of that many bytes, as a network would. */
  private static InputStream pieces(byte[] bytes, int piece) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return super.read(into, from, Math.min(length, piece));
      }
    };
  }

  private static byte[] read(byte[] gzip, int piece, RawInflater inflater) throws IOException {
    try (GunzipStream in = new GunzipStream(pieces(gzip, piece), inflater)) {
      return in.readAllBytes();
    }
  }

  @Test
  void read_membersOfEveryKind_inPiecesOfEverySize() throws IOException {
    byte[] mixed = joined(noise(70_000), TEXT);
    byte[] gzip =
        joined(
            member(TEXT, 9, 0),
            member(new byte[0], 6, 31),
            member(noise(5), 0, 8),
            member(mixed, 1, 4 | 2),
            member(noise(300_000), 0, 16),
            member(mixed, 6, 31),
            member(new byte[400_000], 9, 0));
    byte[] expected = joined(TEXT, noise(5), mixed, noise(300_000), mixed, new byte[400_000]);
    for (int piece : new int[] {1, 2, 3, 7, 8, 9, 13, 4096, 65_537, 1 << 22}) {
      assertThat(read(gzip, piece, inflater())).as("pieces of %d", piece).isEqualTo(expected);
    }
  }

  @Test
  void read_manySmallMembers() throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    for (int i = 0; i < 2000; i++) {
      byte[] content = Arrays.copyOfRange(TEXT, i, i + i % 97);
      gzip.writeBytes(member(content, i % 10, 0));
      expected.writeBytes(content);
    }
    for (int piece : new int[] {1, 5, 1000, 1 << 20}) {
      assertThat(read(gzip.toByteArray(), piece, inflater())).isEqualTo(expected.toByteArray());
    }
  }

  @Test
  void read_padding_isPassedOver() throws IOException {
    byte[] padded = joined(member(TEXT, 6, 0), new byte[3000]);
    assertThat(read(padded, 100, inflater())).isEqualTo(TEXT);
    byte[] dirty = joined(padded, new byte[] {1});
    assertThatThrownBy(() -> read(dirty, 100, inflater())).isInstanceOf(ZipException.class);
    byte[] other = joined(member(TEXT, 6, 0), "not gzip".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> read(other, 7, inflater())).isInstanceOf(ZipException.class);
  }

  @Test
  void read_truncatedAnywhere_isSaid() throws IOException {
    byte[] gzip = member(joined(noise(200), TEXT), 6, 31);
    for (int length = 0; length < gzip.length; length++) {
      byte[] cut = Arrays.copyOf(gzip, length);
      assertThatThrownBy(() -> read(cut, 50, inflater()))
          .as("cut at %d of %d", length, gzip.length)
          .isInstanceOf(EOFException.class);
    }
  }

  @Test
  void read_damagedAnywhere_isNeverTakenForGood() throws IOException {
    byte[] content = joined(noise(300), Arrays.copyOf(TEXT, 2000));
    byte[] gzip = member(content, 6, 2);
    for (int at = 0; at < gzip.length; at++) {
      if (at >= 4 && at < 10) {
        continue; // time, flags and system say nothing of the content; only the checksum objects
      }
      for (int bit = 1; bit < 256; bit <<= 3) {
        byte[] damaged = gzip.clone();
        damaged[at] ^= (byte) bit;
        // The bits between the last block and its checksum mean nothing.
        assertThat(readOrRefuse(damaged, inflater()))
            .as("bit %d of byte %d", bit, at)
            .isIn(Optional.empty(), Optional.of(ByteBuffer.wrap(content)));
      }
    }
  }

  private static Optional<ByteBuffer> readOrRefuse(byte[] gzip, RawInflater inflater)
      throws IOException {
    try {
      return Optional.of(ByteBuffer.wrap(read(gzip, 1000, inflater)));
    } catch (ZipException | EOFException refusal) {
      return Optional.empty();
    }
  }
}
