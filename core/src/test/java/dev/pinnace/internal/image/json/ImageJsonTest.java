package dev.pinnace.internal.image.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.oci.Descriptor;
import java.nio.charset.Charset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What documents of unknown origin are refused for before their members matter. */
class ImageJsonTest {
  private static final String INDEX =
      "{\"schemaVersion\":2,\"annotations\":{\"name\":\"größe\"},\"manifests\":[]}";

  private static void assertRefused(byte[] document, String why) {
    assertThatThrownBy(() -> ImageJson.readIndex(document, "the index"))
        .isInstanceOf(CorruptException.class)
        .hasMessageStartingWith("the index ")
        .hasMessageContaining(why);
  }

  @Test
  void utf8_isRead() {
    assertThat(ImageJson.readIndex(INDEX.getBytes(UTF_8), "the index").annotations())
        .containsEntry("name", "größe");
  }

  @Test
  void byteOrderMark_isRefused() {
    assertRefused(("\ufeff" + INDEX).getBytes(UTF_8), "begins with a byte order mark");
  }

  @Test
  void otherEncodings_areRefused() {
    for (Charset other : List.of(UTF_16BE, UTF_16LE, ISO_8859_1, Charset.forName("UTF-32BE"))) {
      assertRefused(INDEX.getBytes(other), "is not UTF-8, as JSON must be");
    }
  }

  @Test
  void surrogatesInBytes_areRefused() {
    byte[] document = INDEX.getBytes(ISO_8859_1);
    int at = INDEX.indexOf("größe");
    byte[] surrogate = {(byte) 0xed, (byte) 0xa0, (byte) 0x80};
    System.arraycopy(surrogate, 0, document, at, surrogate.length);
    document[at + 3] = 'a';
    assertRefused(document, "is not UTF-8");
  }

  @Test
  void halfAPair_isRefused() {
    assertRefused(INDEX.replace("größe", "\\ud800").getBytes(UTF_8), "half of a surrogate pair");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"sha512:00\",\"size\":1",
        "\"sha256+b64u:xy\",\"size\":1",
        "\"DIGEST\",\"size\":1,\"platform\":{}",
        "\"DIGEST\",\"size\":1,\"platform\":{\"os\":\"\",\"architecture\":\"amd64\"}",
        "\"DIGEST\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"a b\"}",
      })
  void indexEntryThatCannotBeUsed_isLeftOut(String digest) {
    String good = "{\"digest\":\"DIGEST\",\"size\":7}";
    String index =
        INDEX
            .replace("[]", "[{\"digest\":" + digest + "}," + good + "]")
            .replace("DIGEST", Sha256.of(new byte[0]).toString());
    IndexDocument read = ImageJson.readWholeIndex(index.getBytes(UTF_8), "the index");
    assertThat(read.index().manifests()).extracting(Descriptor::size).containsExactly(7L);
    assertThat(read.foreign()).hasSize(1);
  }

  @Test
  void damagedDigest_isRefused() {
    String index = INDEX.replace("[]", "[{\"digest\":\"sha256:00\",\"size\":1}]");
    assertThatThrownBy(() -> ImageJson.readIndex(index.getBytes(UTF_8), "the index"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("64 lower-case hex digits");
  }

  @Test
  void depth_isBounded() {
    String deep = "{\"schemaVersion\":2,\"x\":" + "[".repeat(64) + "]".repeat(64) + "}";
    assertRefused(deep.getBytes(UTF_8), "it is nested deeper than 64 levels");
  }

  @Test
  void textOfTheDocument_cannotSteerATerminal() {
    String type = INDEX.replace("[]", "[],\"mediaType\":\"a\\u009b\\u202e\\nb\"");
    assertRefused(type.getBytes(UTF_8), "is not an image index but a\\u009b\\u202e\\u000ab");
  }
}
