package dev.pinnace.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "busybox, docker.io/library/busybox, busybox",
    "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
    "library/busybox, docker.io/library/busybox, busybox",
    "docker.io/busybox, docker.io/library/busybox, busybox",
    "docker.io/library/busybox:x, docker.io/library/busybox:x, busybox:x",
    "index.docker.io/busybox, docker.io/library/busybox, busybox",
    "index.docker.io/ann/tool, docker.io/ann/tool, ann/tool",
    "docker.io/library/a/b, docker.io/library/a/b, library/a/b",
    "ann/tool, docker.io/ann/tool, ann/tool",
    "ann/tool:v2_x.Y-z, docker.io/ann/tool:v2_x.Y-z, ann/tool:v2_x.Y-z",
    "a/b/c/d, docker.io/a/b/c/d, a/b/c/d",
    "library, docker.io/library/library, library",
    "localhost, docker.io/library/localhost, localhost",
    "localhost/tool, localhost/tool, localhost/tool",
    "localhost:5000/tool:1, localhost:5000/tool:1, localhost:5000/tool:1",
    "host:5000/tool, host:5000/tool, host:5000/tool",
    "ghcr.io/ann/tool, ghcr.io/ann/tool, ghcr.io/ann/tool",
    "GHCR.io/ann/tool, GHCR.io/ann/tool, GHCR.io/ann/tool",
    "Registry/ann, Registry/ann, Registry/ann",
    "xn--n3h.example.org/x, xn--n3h.example.org/x, xn--n3h.example.org/x",
    "127.0.0.1:80/x, 127.0.0.1:80/x, 127.0.0.1:80/x",
    "[::1]:5000/x, [::1]:5000/x, [::1]:5000/x",
    "[2001:db8::1]/x/y:z, [2001:db8::1]/x/y:z, [2001:db8::1]/x/y:z",
    "a.b/c, a.b/c, a.b/c",
    "a.b, docker.io/library/a.b, a.b",
    "a_b, docker.io/library/a_b, a_b",
    "a__b, docker.io/library/a__b, a__b",
    "a---b, docker.io/library/a---b, a---b",
    "sha256:abc, docker.io/library/sha256:abc, sha256:abc",
    "tool:_x, docker.io/library/tool:_x, tool:_x",
    "tool:5000, docker.io/library/tool:5000, tool:5000",
    "a_b.org, docker.io/library/a_b.org, a_b.org",
    "a_b.org:8080, docker.io/library/a_b.org:8080, a_b.org:8080",
    "ann/a_b.org:8080, docker.io/ann/a_b.org:8080, ann/a_b.org:8080",
    "reg.org, docker.io/library/reg.org, reg.org",
    "reg.org:5000, docker.io/library/reg.org:5000, reg.org:5000",
    "reg.org:5000/repo:Tag, reg.org:5000/repo:Tag, reg.org:5000/repo:Tag",
    "repo:TAG, docker.io/library/repo:TAG, repo:TAG",
    "sub-dom1.reg.org/bar/baz/quux:a-long-tag, sub-dom1.reg.org/bar/baz/quux:a-long-tag,"
        + " sub-dom1.reg.org/bar/baz/quux:a-long-tag",
    "b.reg.org/host.example.org/app:host.example.org, b.reg.org/host.example.org/app:host.example.org,"
        + " b.reg.org/host.example.org/app:host.example.org",
    "xn--n3h.org/i:xn--n3h.org, xn--n3h.org/i:xn--n3h.org, xn--n3h.org/i:xn--n3h.org",
    "127.0.0.1:5000/library/debian, 127.0.0.1:5000/library/debian, 127.0.0.1:5000/library/debian",
    "127.0.0.1/debian, 127.0.0.1/debian, 127.0.0.1/debian",
    "index.docker.io/library/debian, docker.io/library/debian, debian",
    "docker.io/docker/docker, docker.io/docker/docker, docker/docker",
    "docker.io/a/b:t, docker.io/a/b:t, a/b:t",
    "d/docker, docker.io/d/docker, d/docker",
    "dock__er/docker, docker.io/dock__er/docker, dock__er/docker",
    "a.b/c.d/e:f, a.b/c.d/e:f, a.b/c.d/e:f",
    "localhost:5000/a/b/c, localhost:5000/a/b/c, localhost:5000/a/b/c",
    "UPPER.org/repo, UPPER.org/repo, UPPER.org/repo",
    "reg.org/1/2/3:4, reg.org/1/2/3:4, reg.org/1/2/3:4",
    "0/0:0, docker.io/0/0:0, 0/0:0",
    "[2001:db8:1:2:3:4:5:6]:80/x, [2001:db8:1:2:3:4:5:6]:80/x, [2001:db8:1:2:3:4:5:6]:80/x",
  })
  void parse_acceptsAndNormalises(String text, String full, String familiar) {
    ImageReference reference = ImageReference.parse(text);
    assertThat(reference).hasToString(full);
    assertThat(reference.familiar()).isEqualTo(familiar);
    assertThat(ImageReference.parse(full)).isEqualTo(reference);
    assertThat(ImageReference.parse(familiar)).isEqualTo(reference);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|must not be empty",
        "/busybox|empty component",
        "busybox/|empty component",
        "a//b|empty component",
        "Busybox|lower case",
        "ann/Tool|lower case",
        "localhost/Tool|lower case",
        "tool:|nothing follows the colon",
        "tool:a b|the tag \"a b\"",
        "tool:-x|the tag \"-x\"",
        "tool:.x|the tag \".x\"",
        "tool:a:b|the tag \"a:b\"",
        "host:5000x/tool|not a registry's host name",
        "-host.org/tool|not a registry's host name",
        "host-.org/tool|not a registry's host name",
        "a..b/tool|not a registry's host name",
        "[::1/tool|not a registry's host name",
        "[fe80::1%25eth0]/tool|not a registry's host name",
        "-tool|must be letters and digits",
        "tool-|must be letters and digits",
        "_tool|must be letters and digits",
        "a___b|must be letters and digits",
        "ann/a..b|must be letters and digits",
        "ann/a.-b|must be letters and digits",
        "tool@|not a digest",
        "tool@sha512:00|must start with sha256:",
        "tool@sha256:00|64 lower-case hex digits",
        "a b|must be letters and digits",
        "täst|must be letters and digits",
        "http://host/tool|it is no URL",
        "docker://busybox|it is no URL",
        "localhost/|the repository name is missing",
        ":justtag|the repository name is missing",
        "@sha256:0123|64 lower-case hex digits",
        "repo@sha256:ffffffffffffffffffffffffffffffffff|64 lower-case hex digits",
        "repo@md5:0123|must start with sha256:",
        "Uppercase:tag|lower case",
        "reg:5000/Uppercase/lowercase:tag|lower case",
        "docker.io/docker/Docker|lower case",
        "aa/as$$^/aa|must be letters and digits",
        "docker///docker|empty component",
        "docker.io/docker///docker|empty component",
        "https://example.org/docker/docker|it is no URL",
        "-docker/docker|must be letters and digits",
        "-docker.io/docker/docker|not a registry's host name",
        "_docker/_docker|must be letters and digits",
        "docker_/docker|must be letters and digits",
        "____/____|must be letters and digits",
        ".docker/x|not a registry's host name",
        "docker./docker|not a registry's host name",
        "reg-.x/y|not a registry's host name",
        "[2001:db8:3:4::192.0.2.33]/x|not a registry's host name",
        "[fe80::1%eth0]:5000/repo|not a registry's host name",
        "[fe80::1%@zone]:5000/repo|not a digest",
        "reg:/repo|not a registry's host name",
        "reg.org:5000:6000/repo|not a registry's host name",
        "repo:tag:tag|the tag",
        "repo:tag with space|the tag",
      })
  void parse_refusesAndSaysWhy(String text, String why) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(why);
  }

  @Test
  void parse_refusesBareIdentifiers() {
    assertThatThrownBy(() -> ImageReference.parse(HEX))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("an image's id, not a name");
    assertThat(ImageReference.parse(HEX.substring(1)).path())
        .isEqualTo("library/" + HEX.substring(1));
  }

  @Test
  void parse_readsDigests() {
    ImageReference reference = ImageReference.parse("ghcr.io/ann/tool:v1@sha256:" + HEX);
    assertThat(reference.domain()).isEqualTo("ghcr.io");
    assertThat(reference.path()).isEqualTo("ann/tool");
    assertThat(reference.tag()).contains("v1");
    assertThat(reference.digest()).contains(new Digest(HEX));
    assertThat(reference).hasToString("ghcr.io/ann/tool:v1@sha256:" + HEX);
  }

  @Test
  void parse_boundsLengths() {
    assertThat(ImageReference.parse("a.b/" + "x".repeat(255)).path()).hasSize(255);
    assertThatThrownBy(() -> ImageReference.parse("a.b/" + "x".repeat(256)))
        .hasMessageContaining("longer than 255");
    assertThat(ImageReference.parse("x:" + "t".repeat(128)).tag().orElseThrow()).hasSize(128);
    assertThatThrownBy(() -> ImageReference.parse("x:" + "t".repeat(129)))
        .hasMessageContaining("at most 128");
  }

  @Test
  void parse_manyComponents_upToTheLimit() {
    assertThat(ImageReference.parse("a.b/" + "a/".repeat(127) + "a:t").path()).hasSize(255);
    assertThatThrownBy(() -> ImageReference.parse("a.b/" + "a/".repeat(128) + "a:t"))
        .hasMessageContaining("longer than 255");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tool", "ann/tool", "reg.org:5000/a/b", "[::1]:5000/x", "docker.io/library/a/b"})
  void digests_areKept_withAndWithoutTag(String name) {
    for (String tag : new String[] {"", ":v1"}) {
      ImageReference reference = ImageReference.parse(name + tag + "@sha256:" + HEX);
      assertThat(reference.digest()).contains(new Digest(HEX));
      assertThat(reference.toString()).endsWith(tag + "@sha256:" + HEX);
      assertThat(ImageReference.parse(reference.familiar())).isEqualTo(reference);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3_000, 100_000, 5_000_000})
  void parse_isQuickOnHostileNames(int length) {
    assertThatThrownBy(() -> ImageReference.parse("a" + "-a".repeat(length / 2) + "!"))
        .isInstanceOf(InvalidSpecException.class);
    assertThatThrownBy(() -> ImageReference.parse("a.".repeat(length / 2) + "/x"))
        .isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void withDefaultTag_onlyWhereNeitherTagNorDigestIs() {
    assertThat(ImageReference.parse("busybox").withDefaultTag().familiar())
        .isEqualTo("busybox:latest");
    assertThat(ImageReference.parse("busybox:1").withDefaultTag().familiar())
        .isEqualTo("busybox:1");
    assertThat(ImageReference.parse("busybox@sha256:" + HEX).withDefaultTag().tag()).isEmpty();
  }

  @Test
  void withDigest_keepsTheTag() {
    ImageReference tagged = ImageReference.parse("busybox:1").withDigest(new Digest(HEX));
    assertThat(tagged).isEqualTo(ImageReference.parse("busybox:1@sha256:" + HEX));
  }
}
