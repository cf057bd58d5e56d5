package dev.pinnace.internal.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.pinnace.error.UnsupportedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  private final byte[] plain = new byte[3_000_000];

  CompressionTest() {
    Random random = new Random(1);
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (byte) (random.nextInt(8) * (i % 5));
    }
  }

  private static byte[] gzip(byte[] bytes, int from, int length) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes, from, length);
    }
    return out.toByteArray();
  }

  /** Gives one byte at a time and never says how many there are, as a network may. */
  private static InputStream trickle(byte[] bytes) {
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] into, int from, int length) throws IOException {
        return super.read(into, from, Math.min(length, 1));
      }

      @Override
      public int available() {
        return 0;
      }
    };
  }

  private static byte[] decompress(InputStream in) throws IOException {
    return Compression.decompress(in, "it").stream().readAllBytes();
  }

  @Test
  void gzip_allMembersAndPaddingUpToTheEnd() throws IOException {
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    members.write(gzip(plain, 0, 1_000_000));
    members.write(gzip(plain, 1_000_000, 0));
    members.write(gzip(plain, 1_000_000, 2_000_000));
    assertThat(decompress(new ByteArrayInputStream(members.toByteArray()))).isEqualTo(plain);
    members.write(new byte[700]);
    assertThat(decompress(trickle(members.toByteArray()))).isEqualTo(plain);
    members.write(1);
    assertThatThrownBy(() -> decompress(trickle(members.toByteArray())))
        .hasMessageContaining("follow the gzip data");
  }

  @Test
  void gzip_readsEveryHeaderField() throws IOException {
    byte[] simple = gzip(plain, 0, 1000);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 0});
    out.write(new byte[] {3, 0, 'a', 'b', 'c'});
    out.write(new byte[] {'n', 0, 'c', 0});
    CRC32 crc = new CRC32();
    crc.update(out.toByteArray());
    out.write((int) crc.getValue() & 0xff);
    out.write((int) (crc.getValue() >> 8) & 0xff);
    out.write(simple, 10, simple.length - 10);
    byte[] full = out.toByteArray();
    assertThat(decompress(new ByteArrayInputStream(full))).isEqualTo(Arrays.copyOf(plain, 1000));
    full[13] = 'x';
    assertThatThrownBy(() -> decompress(new ByteArrayInputStream(full)))
        .hasMessageContaining("header does not match");
  }

  @Test
  void gzip_everyTruncationIsNoticed() throws IOException {
    byte[] whole = gzip(plain, 0, 500);
    for (int length = 4; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decompress(new ByteArrayInputStream(cut)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void zstd_allFramesAndTruncation() throws IOException {
    byte[] first = Zstd.compress(Arrays.copyOf(plain, 1000));
    byte[] second = Zstd.compress(Arrays.copyOfRange(plain, 1000, 3000));
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    assertThat(decompress(trickle(both))).isEqualTo(Arrays.copyOf(plain, 3000));
    assertThatThrownBy(() -> decompress(trickle(Arrays.copyOf(both, both.length - 2))))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(bytes = {0x50, 0x5f})
  void zstd_mayBeginWithWhatIsNoData(byte first) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {first, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'n', 'o', 't'});
    out.write(Zstd.compress(Arrays.copyOf(plain, 1000)));
    assertThat(decompress(trickle(out.toByteArray()))).isEqualTo(Arrays.copyOf(plain, 1000));
  }

  @Test
  void plain_staysAsItIs() throws IOException {
    assertThat(decompress(new ByteArrayInputStream(new byte[] {1, 2}))).containsExactly(1, 2);
    assertThat(decompress(new ByteArrayInputStream(new byte[0]))).isEmpty();
    assertThat(Compression.decompress(new ByteArrayInputStream(plain), "it").compression())
        .isEqualTo(Compression.NONE);
  }

  @Test
  void decompress_whatNothingHereReads_isNamed() throws IOException {
    for (String[] pair :
        new String[][] {
          {"BZh91AY&SY", "bzip2"}, {"\u00fd7zXZ\0\0\4", "xz"}, {"\u0004\"M\u0018", "lz4"}
        }) {
      InputStream in = new ByteArrayInputStream(pair[0].getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> Compression.decompress(in, "layer x"))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContainingAll("compression " + pair[1] + " of layer x", "gzip and zstd");
    }
    byte[] tar = "BZh9-notes.txt".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(decompress(new ByteArrayInputStream(tar))).isEqualTo(tar);
  }
}
