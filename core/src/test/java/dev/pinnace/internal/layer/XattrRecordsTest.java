package dev.pinnace.internal.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XattrRecordsTest {
  private static final byte[] VALUE = {0, '=', '\n', (byte) 0xFF};

  private static byte[] archive(String name, byte[] value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(out)) {
      tar.entry(TarEntry.file("f", 0).withXattr(name, value));
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user.plain",
        "user.a=b",
        "user.=",
        "user.%3D",
        "user.a+b=c d%",
        "user.ö=\u20ac",
        "user.line\nbreak",
        "user.\uDCFF\uDC80"
      })
  void anyNameAndValue_comeBackAsTheyWere(String name) throws IOException {
    for (byte[] value : new byte[][] {VALUE, {}}) {
      TarReader reader =
          new TarReader(new ByteArrayInputStream(archive(name, value)), LayerLimits.defaults());
      Map<String, byte[]> read = Objects.requireNonNull(reader.next()).xattrs();
      assertThat(read).containsOnlyKeys(name);
      assertThat(read.get(name)).isEqualTo(value);
    }
  }

  @Test
  void plainName_isWrittenAsStarDoes_othersAsLibarchive() throws IOException {
    byte[] v = "VAL".getBytes(US_ASCII);
    assertThat(new String(archive("user.a%", v), StandardCharsets.ISO_8859_1))
        .contains(" SCHILY.xattr.user.a%=VAL\n")
        .doesNotContain("LIBARCHIVE");
    assertThat(new String(archive("user.a=b", v), StandardCharsets.ISO_8859_1))
        .contains(" LIBARCHIVE.xattr.user.a%3Db=VkFM\n")
        .doesNotContain("SCHILY");
  }

  @Test
  void read_plusIsAPlus_andAPercentNeedsANumber() {
    SortedMap<String, byte[]> read = new TreeMap<>();
    byte[] value = "VkFMVQ==".getBytes(US_ASCII);
    assertThat(XattrRecords.read(read, "LIBARCHIVE.xattr.user.a+b%20c", value)).isTrue();
    assertThat(read).containsOnlyKeys("user.a+b c");
    assertThat(read.get("user.a+b c")).isEqualTo("VALU".getBytes(US_ASCII));
    for (String malformed : new String[] {"user.%", "user.%2", "user.%zz"}) {
      assertThatThrownBy(() -> XattrRecords.read(read, "LIBARCHIVE.xattr." + malformed, value))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + malformed + "\"");
    }
  }
}
