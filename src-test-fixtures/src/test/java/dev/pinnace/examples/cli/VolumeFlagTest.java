package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class VolumeFlagTest {
  @TempDir private Path directory;

  private static Mount parse(String text) {
    return VolumeFlag.parse(text, false);
  }

  private static Mount bind(String source) {
    return Mount.bind(Path.of(source).toAbsolutePath()).at("/t");
  }

  private static Mount data() {
    return Mount.volume("data").at("/t");
  }

  static Stream<Arguments> everyForm() {
    return Stream.of(
        arguments("/t", Mount.anonymousVolume().at("/t")),
        arguments("/s:/t", bind("/s")),
        arguments("/tmp/x/y:/t", bind("/tmp/x/y")),
        arguments("./s:/t", bind("s")),
        arguments(".:/t", bind("")),
        arguments("../s:/t", Mount.bind(Path.of("../s").toAbsolutePath()).at("/t")),
        arguments(".s:/t", bind(".s")),
        arguments("/s,a:/t", bind("/s,a")),
        arguments("/s:/t:ro", bind("/s").asReadOnly()),
        arguments("/s:/t:rw", bind("/s")),
        arguments("/s:/t:slave", bind("/s").propagation(Propagation.SLAVE)),
        arguments("/s:/t:ro,rshared", bind("/s").propagation(Propagation.RSHARED).asReadOnly()),
        arguments("/s:/t:rprivate,consistent", bind("/s")),
        arguments("/s:/t:delegated,ro", bind("/s").asReadOnly()),
        arguments("/s:/t:z", bind("/s")),
        arguments("/s:/t:rw,Z", bind("/s")),
        arguments("data:/t", data()),
        arguments("data:/t:ro,nocopy", data().withoutCopy().asReadOnly()),
        arguments("data:/t:cached", data()),
        arguments("0_1.x-y:/t", Mount.volume("0_1.x-y").at("/t")));
  }

  @ParameterizedTest
  @MethodSource("everyForm")
  void parse_everyForm(String text, Mount same) {
    assertThat(parse(text)).isEqualTo(same);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "^^ | there is an empty section",
        ":/t | there is an empty section",
        "/s::ro | there is an empty section",
        "/s: | there is an empty section",
        "/s:/t: | there is an empty section",
        "/s:/t:ro:x | there are too many colons",
        "/t:ro | options come third: write SOURCE:DIR:ro",
        "/t:rw,nocopy | options come third",
        "/s:/t:q | there is no option \"q\"",
        "/s:/t:ro, | there is no option \"\"",
        "/s:/t:RO | there is no option \"RO\"",
        "/s:/t:rw,ro | invalid mode rw,ro: at most one of ro, rw",
        "/s:/t:ro,ro | invalid mode ro,ro: at most one of ro, rw",
        "/s:/t:private,rprivate | invalid mode private,rprivate: at most one of private, rprivate,",
        "/s:/t:z,Z | invalid mode z,Z: at most one of Z, z",
        "/s:/t:cached,consistent | at most one of cached, consistent, delegated",
        "data:/t:nocopy,nocopy | at most one of nocopy",
        "/s:/t:nocopy | nocopy is for volumes",
        "data:/t:rslave | rslave is for paths of the host",
        "~/x:/t | the shell did not replace the ~",
        "a/b:/t | cannot be the name of a volume",
        "x:/t | cannot be the name of a volume",
      })
  void parse_whatIsWrong_isNamedWithFlagAndValue(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageStartingWith("-v " + text + ": ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"data:t", "/s:t", "t", "."})
  void parse_placeThatIsNotAbsolute_isRefused(String text) {
    assertThatThrownBy(() -> parse(text)).hasMessageContaining("must be absolute");
  }

  @Test
  void parse_missingSource_isMade() throws Exception {
    Path missing = directory.resolve("a/b");
    parse(missing + ":/t");
    assertThat(missing).doesNotExist();
    VolumeFlag.parse(missing + ":/t", true);
    assertThat(missing).isDirectory();
    Path file = Files.writeString(directory.resolve("f"), "x");
    assertThat(VolumeFlag.parse(file + ":/t", true).source()).contains(file);
    assertThatThrownBy(() -> VolumeFlag.parse(file + "/below:/t", true))
        .hasMessageContaining("cannot make " + file + "/below");
  }
}
