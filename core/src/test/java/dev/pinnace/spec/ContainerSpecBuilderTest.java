package dev.pinnace.spec;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
        b -> b.hostUts().hostname("h"),
        b -> b.hostname("h").hostUts(),
        b -> b.ulimit(Ulimit.parse("nofile=1")).ulimit(Ulimit.parse("nofile=2")));
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
        b -> b.hostname("under_score"),
        b -> b.oomScoreAdj(1001),
        b -> b.sysctl("kernel.panic", "1"),
        b -> b.sysctl("net/../kernel.panic", "1"),
        b -> b.timeout(Duration.ZERO),
        b -> b.timeout(Duration.ofSeconds(-1)),
        b -> b.stopTimeout(Duration.ofSeconds(-1)),
        b -> b.userMap(-1, 0, 1),
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
  void image_blank_isRefused() {
    assertThatThrownBy(() -> image(" ")).isInstanceOf(InvalidSpecException.class);
  }
}
