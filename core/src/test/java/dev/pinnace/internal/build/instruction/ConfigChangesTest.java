package dev.pinnace.internal.build.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.oci.ExecutionConfig;
import dev.pinnace.oci.ImageHealthcheck;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigChangesTest {
  private static final ExecutionConfig EMPTY = ExecutionConfig.of(List.of(), List.of());
  private static final ExecutionConfig BASE =
      ExecutionConfig.of(List.of("PATH=/bin", "A=one", "EMPTY="), List.of("old", "command"));

  private static ExecutionConfig changed(String... changes) {
    return ConfigChanges.apply(BASE, List.of(changes));
  }

  @Test
  void cmd_hasTwoForms() {
    assertThat(changed("CMD [\"a\", \"b c\"]").cmd()).containsExactly("a", "b c");
    assertThat(changed("cmd a 'b c' $A").cmd()).containsExactly("/bin/sh", "-c", "a 'b c' $A");
    assertThat(changed("CMD [\"a\", 1]").cmd()).containsExactly("/bin/sh", "-c", "[\"a\", 1]");
    assertThat(changed("CMD [\"a\", b]").cmd()).containsExactly("/bin/sh", "-c", "[\"a\", b]");
  }

  @Test
  void entrypoint_dropsTheCommandUnlessThatWasSetToo() {
    assertThat(changed("ENTRYPOINT [\"e\"]").cmd()).isEmpty();
    assertThat(changed("CMD [\"c\"]", "ENTRYPOINT [\"e\"]").cmd()).containsExactly("c");
    assertThat(changed("ENTRYPOINT [\"e\"]", "CMD [\"c\"]").cmd()).containsExactly("c");
    assertThat(changed("ENTRYPOINT run it").entrypoint())
        .containsExactly("/bin/sh", "-c", "run it");
  }

  @Test
  void env_setsInPlaceAndSeesWhatWasBefore() {
    assertThat(changed("ENV A=two B=$A", "ENV C=${A}-$B D='$A' E=\"$A x\" F=a\\ b").env())
        .containsExactly(
            "PATH=/bin", "A=two", "EMPTY=", "B=one", "C=two-one", "D=$A", "E=two x", "F=a b");
    assertThat(changed("ENV OLD form  of it").env()).contains("OLD=form  of it");
    assertThat(changed("ENV PATH=$PATH:/more").env()).startsWith("PATH=/bin:/more");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "$A|one",
        "x${A}y|xoney",
        "$Ax|``",
        "$A-x|one-x",
        "${NO:-word}|word",
        "${EMPTY:-word}|word",
        "${EMPTY-word}|``",
        "${NO-word}|word",
        "${A:-word}|one",
        "${A:+word}|word",
        "${EMPTY:+word}|``",
        "${EMPTY+word}|word",
        "${NO+word}|``",
        "${NO:-${A}}|one",
        "${A:?must be}|one",
        "\\$A|$A",
        "'$A'|$A",
        "\"$A\"|one",
        "\"\\$A\"|$A",
        "\"a\\b\"|a\\b",
        "a\\b|ab",
        "$|$",
        "a$|a$",
        "$1|``",
        "$12|2"
      })
  void expansion_isThatOfAShell(String word, String expected) {
    assertThat(Expansion.of(BASE.env()).of(word)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "${F#*/}|usr/lib/lib.so.1",
        "${F##*/}|lib.so.1",
        "${F%.*}|/usr/lib/lib.so",
        "${F%%.*}|/usr/lib/lib",
        "${F%lib}|/usr/lib/lib.so.1",
        "${F%.?}|/usr/lib/lib.so",
        "${F%%*}|``",
        "${F%*}|/usr/lib/lib.so.1",
        "${F#${P}}|/lib/lib.so.1",
        "${F%'.so.1'}|/usr/lib/lib",
        "${F/lib/x}|/usr/x/lib.so.1",
        "${F//lib/x}|/usr/x/x.so.1",
        "${F//\\//:}|:usr:lib:lib.so.1",
        "${F/l*b/$P}|/usr//usr.so.1",
        "${F//*/x}|x",
        "${F//\\*/x}|/usr/lib/lib.so.1",
        "${S#\\*}|?a{b",
        "${S%{*}|*?a",
        "${S//\\?/$5}|*a{b",
        "${NO%x}|``",
        "${NO/x/y}|``"
      })
  void expansion_cutsAndReplacesAsBuildKit(String word, String expected) {
    Expansion expansion = Expansion.of(List.of("F=/usr/lib/lib.so.1", "P=/usr", "S=*?a{b"));
    assertThat(expansion.of(word)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'open",
        "\"open",
        "${A",
        "${}",
        "${A^x}",
        "${A:%x}",
        "${A:",
        "${A/x}",
        "${A%\\x}",
        "${NO:?message}",
        "${NO?}"
      })
  void expansion_ofWhatCannotBe_isRefused(String word) {
    assertThatThrownBy(() -> Expansion.of(BASE.env()).of(word))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(word);
  }

  @Test
  void others_setWhatTheyName() {
    ExecutionConfig config =
        changed(
            "LABEL a=b \"c d\"=\"e f\"",
            "EXPOSE 80 53/UDP 8000-8002/tcp",
            "USER ann:staff",
            "WORKDIR /a/./b",
            "WORKDIR ../c",
            "VOLUME [\"/data\", \"/more data\"]",
            "VOLUME /x /y",
            "STOPSIGNAL SIGINT",
            "ONBUILD RUN make");
    assertThat(config.labels()).isEqualTo(Map.of("a", "b", "c d", "e f"));
    assertThat(config.exposedPorts())
        .containsExactlyInAnyOrder("80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp");
    assertThat(config.user()).isEqualTo("ann:staff");
    assertThat(config.workingDir()).isEqualTo("/a/c");
    assertThat(config.volumes()).containsExactly("/data", "/more data", "/x", "/y");
    assertThat(config.stopSignal()).contains("SIGINT");
    assertThat(config.onBuild()).containsExactly("RUN make");
    assertThat(config.cmd()).isEqualTo(BASE.cmd());
  }

  @Test
  void healthcheck_hasOptions() {
    assertThat(
            changed("HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=4 CMD curl -f x")
                .healthcheck())
        .contains(
            new ImageHealthcheck(
                List.of("CMD-SHELL", "curl -f x"),
                Duration.ofSeconds(90),
                Duration.ofMillis(1500),
                Duration.ZERO,
                Duration.ZERO,
                4));
    assertThat(changed("HEALTHCHECK CMD [\"a\", \"b\"]").healthcheck().orElseThrow().test())
        .containsExactly("CMD", "a", "b");
    assertThat(changed("HEALTHCHECK NONE").healthcheck().orElseThrow().test())
        .containsExactly("NONE");
  }

  @Test
  void lines_areJoinedAndPassedOver() {
    assertThat(
            ConfigChanges.apply(
                    EMPTY, List.of("# comment\n\nENV A=b \\\n  # within\n  C=d\n", "USER x"))
                .env())
        .containsExactly("A=b", "C=d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN x",
        "FROM x",
        "SHELL [\"x\"]",
        "CMD",
        "ENV A",
        "ENV A=b C",
        "ENV =b",
        "EXPOSE http",
        "EXPOSE 70000",
        "EXPOSE 9-8",
        "EXPOSE 80/x",
        "EXPOSE 1/2/3",
        "EXPOSE $NO",
        "USER $NO",
        "VOLUME []",
        "VOLUME [\"\"]",
        "STOPSIGNAL SIGNOTHING",
        "ONBUILD ONBUILD RUN x",
        "ONBUILD FROM x",
        "HEALTHCHECK curl",
        "HEALTHCHECK CMD",
        "HEALTHCHECK --interval=x CMD y",
        "HEALTHCHECK --retries=-1 CMD y",
        "HEALTHCHECK --other=1 CMD y",
        "HEALTHCHECK NONE x"
      })
  void wrongInstructions_areRefused(String change) {
    assertThatThrownBy(() -> changed(change)).isInstanceOf(InvalidSpecException.class);
  }
}
