package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import dev.pinnace.spec.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountFlagTest {
  private static final String BIND = "type=bind,source=/s,target=/t,";
  private static final String VOLUME = "source=data,target=/t,";

  @TempDir private Path directory;

  private static Mount parse(String text) {
    return MountFlag.parse(text, true);
  }

  private static Mount bind() {
    return Mount.bind(Path.of("/s")).at("/t");
  }

  private static Mount volume(VolumeSpec spec) {
    return Mount.volume(spec).at("/t");
  }

  private static Mount tmpfs() {
    return Mount.tmpfs().at("/t");
  }

  private static VolumeSpec data() {
    return VolumeSpec.named("data");
  }

  static Stream<Arguments> everyField() {
    return Stream.of(
        arguments("type=bind,src=/s,dst=/t", bind()),
        arguments("type=BIND,source=/s,destination=/t", bind()),
        arguments("type=bind,source=/x,source=/s,target=/y,target=/t", bind()),
        arguments(
            "type=bind,source=.,target=/t", Mount.bind(Path.of("").toAbsolutePath()).at("/t")),
        arguments(
            "type=bind,source=../,target=/t", Mount.bind(Path.of("..").toAbsolutePath()).at("/t")),
        arguments(
            "type=bind,source=./x,target=/t", Mount.bind(Path.of("x").toAbsolutePath()).at("/t")),
        arguments("type=bind,\"source=/a,b\",target=/t", Mount.bind(Path.of("/a,b")).at("/t")),
        arguments("type=bind,\"source=/a\"\"b\",target=/t", Mount.bind(Path.of("/a\"b")).at("/t")),
        arguments(BIND + "readonly", bind().asReadOnly()),
        arguments(BIND + "ro=1,consistency=cached", bind().asReadOnly()),
        arguments(BIND + "readonly=false,consistency=default", bind()),
        arguments(BIND + "ro,readonly=0", bind()),
        arguments(BIND + "bind-propagation=rslave", bind().propagation(Propagation.RSLAVE)),
        arguments(BIND + "bind-propagation=Shared", bind().propagation(Propagation.SHARED)),
        arguments(BIND + "bind-recursive=enabled", bind()),
        arguments(BIND + "bind-recursive=disabled", bind().nonRecursive()),
        arguments(BIND + "bind-owned-by=1000:100", bind().ownedBy(1000, 100)),
        arguments(BIND + "bind-owned-by=7", bind().ownedBy(7, 7)),
        arguments(BIND + "bind-nonrecursive", bind().nonRecursive()),
        arguments(BIND + "bind-nonrecursive=false", bind()),
        arguments(BIND + "bind-recursive=writable,readonly", bind().asReadOnlyAtTop()),
        arguments(
            BIND + "bind-recursive=readonly,readonly,bind-propagation=rprivate",
            bind().asReadOnly()),
        arguments("target=/t", volume(VolumeSpec.unnamed())),
        arguments("type=volume,source=data,target=/t", volume(data())),
        arguments(VOLUME + "readonly", volume(data()).asReadOnly()),
        arguments(VOLUME + "volume-nocopy", volume(data()).withoutCopy()),
        arguments(VOLUME + "volume-nocopy=false", volume(data())),
        arguments(VOLUME + "volume-subpath=a/b", volume(data()).subPath("a/b")),
        arguments(VOLUME + "volume-driver=", volume(data())),
        arguments(
            VOLUME + "volume-driver=d,volume-opt=a=1,volume-opt=b",
            volume(data().withDriver("d").withOption("a", "1").withOption("b", ""))),
        arguments(
            VOLUME + "volume-label=x=y=z,volume-label=e=",
            volume(data().withLabel("x", "y=z").withLabel("e", ""))),
        arguments(
            VOLUME + "volume-opt=type=nfs,\"volume-opt=o=addr=h,rw\"",
            volume(data().withOption("type", "nfs").withOption("o", "addr=h,rw"))),
        arguments("type=tmpfs,target=/t", tmpfs()),
        arguments(
            "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=0700",
            tmpfs().with("size=1048576", "mode=700")),
        arguments("type=tmpfs,target=/t,tmpfs-size=1MB", tmpfs().with("size=1048576")),
        arguments("type=tmpfs,target=/t,tmpfs-size=0,ro", tmpfs().asReadOnly()));
  }

  @ParameterizedTest
  @MethodSource("everyField")
  void parse_everyField(String text, Mount same) {
    assertThat(parse(text)).isEqualTo(same);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | it is empty",
        "type=bind | target=DIR is missing",
        "type=tmpfs | target=DIR is missing",
        "type=volume,source=/foo | target=DIR is missing",
        "type=npipe,target=/t | type is bind, volume or tmpfs, not \"npipe\"",
        "type=image,source=x,target=/t | type is bind, volume or tmpfs, not \"image\"",
        "type=bind,source=/s,target=/t,bogus=foo | there is no \"bogus\"",
        "type=bind,source=/s,target=/t,bogus | \"bogus\" is no KEY=VALUE",
        "type=bind,source=/s,target=/t,, | \"\" is no KEY=VALUE",
        "type=volume, src=a,target=/t | there is no \" src\"",
        "type=volume,src =a,target=/t | there is no \"src \"",
        "type=bind,source=/s,target | \"target\" needs a value: write target=VALUE",
        "type=bind,target=/t | source=PATH is missing",
        "type=bind,source=s,target=/t | write ./s",
        "type=bind,source=.s,target=/t | begins with ./ or ../",
        "type=bind,source=/s,target=t | must be absolute: \"t\"",
        "type=bind,source=/s,target=/ | nothing may be mounted on /",
        "type=bind,source=/s,target=/t,readonly=no | readonly is true or false, not \"no\"",
        "type=bind,source=/s,target=/t,ro= | readonly is true or false, not \"\"",
        "type=bind,source=/s,target=/t,readonly= true | not \" true\"",
        "type=bind,source=/s,target=/t,bind-propagation=sideways | bind-propagation is private",
        "type=bind,source=/s,target=/t,bind-recursive=maybe | bind-recursive is enabled",
        "type=bind,source=/s,target=/t,bind-recursive=writable | requires readonly",
        "type=bind,source=/s,target=/t,bind-recursive=readonly | requires readonly",
        "type=bind,source=/s,target=/t,bind-recursive=readonly,ro | bind-propagation=rprivate",
        "type=bind,source=/s,target=/t,bind-recursive=readonly,ro,bind-propagation=private"
            + " | requires bind-propagation=rprivate",
        "type=bind,source=/s,target=/t,bind-owned-by=me | bind-owned-by \"me\" is no owner",
        "type=bind,source=/s,target=/t,volume-nocopy=true | type=bind has no volume-* options",
        "type=bind,source=/s,target=/t,volume-label=a=b | type=bind has no volume-* options",
        "type=bind,source=/s,target=/t,tmpfs-size=1 | type=bind has no tmpfs-* options",
        "type=volume,source=d1,target=/t,bind-propagation=rprivate | has no bind-* options",
        "type=bind,source=/s,target=/t,consistency=odd | consistency is consistent, cached",
        "type=volume,target=/t,ro | a volume without a name begins empty",
        "type=volume,target=/t,volume-subpath=x | a volume without a name begins empty",
        "type=volume,source=data,target=/t,volume-subpath=../x | stays in it: \"../x\"",
        "type=volume,source=data,target=/t,volume-subpath=/x | stays in it: \"/x\"",
        "type=volume,source=/foo,target=/t | cannot be the name of a volume",
        "type=volume,source=data,target=/t,volume-label==x | volume-label==x has no name",
        "type=volume,source=data,target=/t,volume-nocopy=no | volume-nocopy is true or false",
        "type=tmpfs,source=/s,target=/t | a tmpfs has no source",
        "type=tmpfs,target=/t,tmpfs-size=foo | tmpfs-size \"foo\" is not a size",
        "type=tmpfs,target=/t,tmpfs-size=-1 | tmpfs-size \"-1\" is not a size",
        "type=tmpfs,target=/t,tmpfs-mode=foo | tmpfs-mode is octal, as in 1777, not \"foo\"",
        "type=tmpfs,target=/t,tmpfs-mode=99 | tmpfs-mode is octal",
        "type=bind,source=\"/s\",target=/t | put the quotes around the whole field",
        "type=bind,\"source=/s,target=/t | ends with one",
        "type=bind,\"source=/s\"x,target=/t | ends with one",
      })
  void parse_whatIsWrong_isNamedWithFlagAndValue(String text, String message) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining(message)
        .satisfies(
            e -> {
              if (!message.contains("must be absolute")
                  && !message.contains("nothing may be")
                  && !message.contains("stays in it")) {
                assertThat(e).hasMessageStartingWith("--mount " + text + ": ");
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"bind-create-src", "bind-create-src=true"})
  void parse_missingSource_isMadeWhereThatIsAskedFor(String field) {
    Path missing = directory.resolve("a/b");
    String text = "type=bind,source=" + missing + ",target=/t";
    parse(text);
    assertThat(missing).doesNotExist();
    MountFlag.parse(text + "," + field, false);
    assertThat(missing).doesNotExist();
    parse(text + "," + field);
    assertThat(missing).isDirectory();
    assertThat(Files.isWritable(missing)).isTrue();
  }
}
