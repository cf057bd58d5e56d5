package dev.pinnace.spec;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.linux.process.Capability;
import dev.pinnace.spec.NamespaceSpec.NetworkMode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Defaults, and what is refused at the call that contradicts. */
class ContainerSpecBuilderTest {
  @Test
  void build_defaults() {
    ContainerSpec spec = image("x").build();
    assertThat(spec.name()).isEmpty();
    assertThat(spec.limits()).isEqualTo(Limits.NONE);
    assertThat(spec.lifecycle().lifetime()).isEqualTo(Lifetime.BOUND);
    assertThat(spec.lifecycle().autoRemove()).isFalse();
    assertThat(spec.lifecycle().restart()).isEqualTo(RestartPolicy.never());
    assertThat(spec.lifecycle().stopTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(spec.lifecycle().log()).isEqualTo(LogSpec.DEFAULT);
    assertThat(spec.shmSize()).isEqualTo(Bytes.mebi(64));
    assertThat(spec.security().privileged()).isFalse();
    assertThat(spec.security().maskPaths()).isTrue();
    assertThat(spec.process().entrypoint()).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is refused
  void image_missing_isNamed() {
    assertThatThrownBy(() -> image(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("image");
    assertThatThrownBy(() -> image(" "))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("needs an image");
  }

  @Test
  void words_thatWouldBecomeLinesOfFiles_areRefused() {
    String line = "x\nnameserver 192.0.2.1";
    for (Consumer<ContainerSpecBuilder> option :
        Stream.<Consumer<ContainerSpecBuilder>>of(
                builder -> builder.dns("fe80::1%" + line),
                builder -> builder.dnsSearch(line),
                builder -> builder.dnsOption(line),
                builder -> builder.extraHost(line, "192.0.2.1"),
                builder -> builder.extraHost("x", "fe80::1%" + line),
                builder -> builder.domainname(line),
                builder -> builder.dnsSearch("a".repeat(10_000_000)))
            .toList()) {
      assertThatThrownBy(() -> option.accept(image("x")))
          .isInstanceOf(InvalidSpecException.class)
          .satisfies(refusal -> assertThat(refusal.getMessage()).hasSizeLessThan(5_000));
    }
    image("x").dns("fe80::1%eth0", "192.0.2.1").domainname("").build();
  }

  @Test
  void message_ofALongValue_isCut() {
    assertThatThrownBy(() -> image("x").workdir("w".repeat(10_000_000)))
        .isInstanceOf(InvalidSpecException.class)
        .satisfies(
            refusal ->
                assertThat(refusal.getMessage())
                    .hasSizeLessThan(5_000)
                    .startsWith("the working directory")
                    .contains("characters left out")
                    .endsWith("ww\""));
  }

  @Test
  void build_isACopy() {
    ContainerSpecBuilder builder = image("x").env("A", "1").label("k", "v");
    ContainerSpec spec = builder.build();
    builder.env("B", "2").label("l", "w").mount(Mount.tmpfs().at("/t"));
    assertThat(spec.process().env()).containsOnlyKeys("A");
    assertThat(spec.labels()).containsOnlyKeys("k");
    assertThat(spec.mounts()).isEmpty();
    assertThatThrownBy(() -> spec.labels().put("x", "y"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  static Stream<Consumer<ContainerSpecBuilder>> contradictions() {
    return Stream.of(
        b -> b.autoRemove().restart(RestartPolicy.always()),
        b -> b.restart(RestartPolicy.onFailure(1)).autoRemove(),
        b -> b.seccomp("{}").privileged(),
        b -> b.privileged().seccomp("{}"),
        b -> b.seccompUnconfined().seccomp("{}"),
        b -> b.seccomp("{}").seccompUnconfined(),
        b -> b.hostIpc().shmSize(Bytes.mebi(1)),
        b -> b.shmSize(Bytes.mebi(64)).hostIpc(),
        b -> b.hostUts().hostname("h"),
        b -> b.hostname("h").hostUts(),
        b -> b.network(NetworkMode.HOST).networkOf("x"),
        b -> b.networkOf("x").network(NetworkMode.NONE),
        b -> b.networkOf("x").hostname("h"),
        b -> b.domainname("d").networkOf("x"),
        b -> b.networkOf("x").extraHost("a", "192.0.2.1"),
        b -> b.extraHost("a", "192.0.2.1").networkOf("x"),
        b -> b.networkOf("x").dns("192.0.2.1"),
        b -> b.networkOf("x").dnsSearch("a.b"),
        b -> b.networkOf("x").dnsOption("ndots:2"),
        b -> b.dnsOption("ndots:2").networkOf("x"),
        b -> b.hostPid().pidOf("x"),
        b -> b.pidOf("x").hostPid(),
        b -> b.hostIpc().ipcOf("x"),
        b -> b.ipcOf("x").hostIpc(),
        b -> b.ipcOf("x").shmSize(Bytes.mebi(1)),
        b -> b.shmSize(Bytes.mebi(1)).noShm(),
        b -> b.noShm().ipcOf("x"),
        b -> b.hostUts().utsOf("x"),
        b -> b.utsOf("x").hostUts(),
        b -> b.hostname("h").utsOf("x"),
        b -> b.utsOf("x").domainname("d"),
        b -> b.ulimit(Ulimit.parse("nofile=1")).ulimit(Ulimit.parse("nofile=2")));
  }

  @Test
  void others_areTheOnesThatWereNamed() {
    NamespaceSpec namespaces =
        image("x").networkOf("a").pidOf("b").ipcOf("a").utsOf("c").build().namespaces();
    assertThat(namespaces.others()).containsExactly("a", "b", "c");
    assertThat(namespaces.withOthers(name -> name + name).others())
        .containsExactly("aa", "bb", "cc");
    assertThatThrownBy(() -> image("x").pidOf(" ")).isInstanceOf(InvalidSpecException.class);
  }

  @ParameterizedTest
  @MethodSource("contradictions")
  void contradiction_isRefusedAndNamesTheEarlier(Consumer<ContainerSpecBuilder> calls) {
    assertThatThrownBy(() -> calls.accept(image("x")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("contradicts")
        .hasMessageContaining("set before");
  }

  static Stream<Consumer<ContainerSpecBuilder>> malformed() {
    return Stream.of(
        b -> b.env("", "x"),
        b -> b.env("A=B", "x"),
        b -> b.env("A", "\0"),
        b -> b.command("a\0b"),
        b -> b.workdir("relative"),
        b -> b.label("", "x"),
        b -> b.hostname("_under"),
        b -> b.hostname("blank here"),
        b -> b.oomScoreAdj(1001),
        b -> b.sysctl("kernel.panic", "1"),
        b -> b.sysctl("net/../kernel.panic", "1"),
        b -> b.timeout(Duration.ZERO),
        b -> b.timeout(Duration.ofSeconds(-1)),
        b -> b.stopTimeout(Duration.ofSeconds(-1)),
        b -> b.userMap(-1, 0, 1),
        b -> b.userMap(0, 4294967295L, 1),
        b -> b.userMap(4294967286L, 0, 10),
        b -> b.userMap(Long.MAX_VALUE, 0, Long.MAX_VALUE),
        b -> b.timeOffset("realtime", 1),
        b -> b.device("sda"),
        b -> b.mount(Mount.tmpfs()),
        b -> b.pids(0).build(),
        b -> b.memory(Bytes.of(10)).build(),
        b -> b.cpuWeight(0).build(),
        b -> b.ioWeight(10_001).build(),
        b -> b.log(new LogSpec(Bytes.of(10), 1)),
        b -> b.log(new LogSpec(Bytes.mebi(1), 0)));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformed_isRefused(Consumer<ContainerSpecBuilder> calls) {
    assertThatThrownBy(() -> calls.accept(image("x"))).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void userMap_ofTheLastIds_isTaken() {
    assertThat(image("x").userMap(4294967285L, 0, 10).build().namespaces().userMap()).isPresent();
    assertThatThrownBy(() -> image("x").userMap(0, 4294967295L, 10))
        .hasMessage(
            "a user map of 10 ids from 4294967295 on has ids beyond 4294967294, which is the last"
                + " one");
  }

  @ParameterizedTest
  @CsvSource({"ro,rw", "exec,noexec", "nosuid,suid", "dev,nodev"})
  void mount_ofOppositeOptions_isRefused(String one, String other) {
    Mount mount = Mount.tmpfs().at("/t").with(one, "size=1m", other);
    assertThatThrownBy(() -> image("x").mount(mount))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessage("the mount on /t cannot be both " + one + " and " + other);
  }

  @Test
  void mount_readOnlyAndRw_isRefused() {
    Mount mount = Mount.tmpfs().at("/t").with("rw").asReadOnly();
    assertThatThrownBy(() -> image("x").mount(mount))
        .hasMessage("the mount on /t cannot be both rw and ro");
  }

  @Test
  void image_blank_isRefused() {
    assertThatThrownBy(() -> image(" ")).isInstanceOf(InvalidSpecException.class);
  }

  static Stream<Consumer<ContainerSpecBuilder>> nonsense() {
    return Stream.of(
        b -> b.capAdd("NET_ADMINN"),
        b -> b.capDrop("CAP_"),
        b -> b.cpus(0),
        b -> b.cpus(Double.NaN),
        b -> b.cpuWeight(0),
        b -> b.ioWeight(10_001),
        b -> b.pids(0),
        b -> b.memory(Bytes.kibi(1)),
        b -> b.shmSize(Bytes.ZERO),
        b -> b.dns("foo"),
        b -> b.dns("1.2.3"),
        b -> b.dnsSearch("a b"),
        b -> b.dnsOption("ndots:2\nnameserver 1.2.3.4"),
        b -> b.extraHost("x", "not an address"),
        b -> b.extraHost("x y", "1.2.3.4"),
        b -> b.domainname("a\0b"),
        b -> b.user("a\0b"),
        b -> b.sysctl("net.core.somaxconn", "1\0"),
        b -> b.mount(Mount.tmpfs().at("/t").with("size=\0")));
  }

  @ParameterizedTest
  @MethodSource("nonsense")
  void nonsense_isRefusedAtTheCall(Consumer<ContainerSpecBuilder> call) {
    assertThatThrownBy(() -> call.accept(image("x"))).isInstanceOf(InvalidSpecException.class);
  }

  @Test
  void unlimitedSwap_withoutAMemoryLimit_isRefused() {
    assertThatThrownBy(() -> image("x").unlimitedSwap().build())
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("memory");
    assertThat(image("x").unlimitedSwap().memory(Bytes.mebi(8)).build().limits().memorySwap())
        .hasValue(-1);
  }

  @Test
  void addressesAndNames_thatAreSome_areTaken() {
    NamespaceSpec made =
        image("x")
            .dns("1.2.3.4", "fe80::1")
            .dnsSearch("example.org")
            .dnsOption("ndots:2")
            .extraHost("h", "::1")
            .extraHost("h", "10.0.0.1")
            .hostname("under_score")
            .build()
            .namespaces();
    assertThat(made.dns()).containsExactly("1.2.3.4", "fe80::1");
    assertThat(made.extraHosts()).containsEntry("h", List.of("::1", "10.0.0.1"));
    assertThat(made.hostname()).contains("under_score");
  }

  @Test
  void capabilityNames_areThoseOfTheKernelsTable() {
    assertThat(CapabilityNames.KNOWN)
        .isEqualTo(
            Capability.ALL.stream()
                .map(c -> c.capName().substring("CAP_".length()))
                .collect(Collectors.toSet()));
  }

  @Test
  void domainname_longerThanTheKernelTakes_isRefused() {
    assertThat(image("x").domainname("d".repeat(64)).build().namespaces().domainname()).isPresent();
    assertThatThrownBy(() -> image("x").domainname("d".repeat(65)))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("the kernel takes 64");
  }
}
