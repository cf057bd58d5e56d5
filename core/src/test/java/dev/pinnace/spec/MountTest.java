package dev.pinnace.spec;

import static dev.pinnace.spec.ContainerSpec.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MountTest {
  private static Mount bind() {
    return Mount.bind(Path.of("/s")).at("/t");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(InvalidSpecException.class).hasMessageContaining(message);
  }

  @ParameterizedTest
  @EnumSource
  void with_wordOfAPropagation_isThat(Propagation mode) {
    assertThat(bind().with("nosuid", mode.word()))
        .isEqualTo(bind().propagation(mode).with("nosuid"));
    assertThat(bind().propagation(mode).propagation()).isEqualTo(mode);
    assertThat(Propagation.of(mode.word())).contains(mode);
  }

  @Test
  void with_severalPropagations_theLastCounts() {
    assertThat(bind().with("rslave", "rprivate")).isEqualTo(bind());
    assertThat(bind().with("rshared").with("slave").propagation()).isEqualTo(Propagation.SLAVE);
  }

  @Test
  void bind_withDefaults_saysNothingOfThem() {
    assertThat(bind().bind()).isEmpty();
    assertThat(bind().propagation(Propagation.RPRIVATE).bind()).isEmpty();
    assertThat(bind().propagation()).isEqualTo(Propagation.RPRIVATE);
  }

  @Test
  void bind_severalOptions_allStay() {
    Mount all =
        bind().propagation(Propagation.RSLAVE).nonRecursive().asReadOnlyAtTop().subPath("a/b");
    assertThat(all.bind())
        .contains(new BindOptions(Propagation.RSLAVE, true, true, Optional.empty()));
    assertThat(all.readOnly()).isTrue();
    assertThat(all.subPath()).contains("a/b");
    assertThat(all.at("/u").with("noexec").bind()).isEqualTo(all.bind());
  }

  @Test
  void bindOptions_ofOthers_areRefused() {
    for (Mount other : List.of(Mount.tmpfs(), Mount.volume("data"))) {
      refused(() -> other.propagation(Propagation.RSLAVE), "only a bind has propagation");
      refused(other::nonRecursive, "only a bind has what is mounted below it");
      refused(other::asReadOnlyAtTop, "only a bind has what is mounted below it");
    }
    refused(() -> bind().size(Bytes.mebi(1)), "only memory has a size=1048576, not the bind of /s");
    refused(() -> bind().mode(0700), "only memory has a mode=700");
  }

  @Test
  void tmpfs_sizeAndMode() {
    assertThat(Mount.tmpfs().size(Bytes.mebi(1)).mode(01777).options())
        .containsExactly("size=1048576", "mode=1777");
    refused(() -> Mount.tmpfs().size(Bytes.ZERO), "at least one byte");
    refused(() -> Mount.tmpfs().mode(010000), "0 to 07777, not 010000");
    refused(() -> Mount.tmpfs().mode(-1), "0 to 07777");
  }

  @Test
  void ownedBy_ofABind_isKept() {
    assertThat(bind().ownedBy(1000, 100).nonRecursive().bind())
        .contains(
            new BindOptions(Propagation.RPRIVATE, true, false, Optional.of(new Owner(1000, 100))));
    refused(() -> Mount.tmpfs().ownedBy(0, 0), "only a bind has an owner, not the memory");
    refused(() -> bind().ownedBy(-1, 0), "a user has a number of 0 to 4294967294, not -1");
    refused(() -> bind().ownedBy(0, 4294967295L), "a group has a number of 0 to 4294967294");
  }

  @Test
  void owner_parse() {
    assertThat(Owner.parse("1000")).isEqualTo(new Owner(1000, 1000));
    assertThat(Owner.parse("0:4294967294")).isEqualTo(new Owner(0, 4294967294L));
    for (String text : List.of("", "me", "1:", ":1", "1:2:3", "-1", "99999999999", "4294967295")) {
      assertThatThrownBy(() -> Owner.parse(text)).isInstanceOf(InvalidSpecException.class);
    }
  }

  @Test
  void mount_belowASharedOne_isRefused() {
    Mount shared = bind().propagation(Propagation.RSHARED);
    Mount below = Mount.tmpfs().at("/t/below");
    String message = "the mount on /t/below would be mounted on the host too, below /s";
    refused(() -> image("x").mount(shared).mount(below), message);
    refused(() -> image("x").mount(below).mount(shared), message);
    assertThat(image("x").mount(shared).mount(Mount.tmpfs().at("/table")).build().mounts())
        .hasSize(2);
    assertThat(image("x").mount(bind().with("rslave")).mount(below).build().mounts()).hasSize(2);
  }

  @Test
  void mount_sharedBelowSys_isRefused() {
    Mount shared = Mount.bind(Path.of("/s")).at("/sys/firmware").with("shared");
    refused(() -> image("x").mount(shared), "/sys/firmware cannot be shared");
  }

  @Test
  void mount_optionsOfTheEngine_areRefused() {
    refused(
        () -> image("x").mount(bind().with("x-pinnace.subpath=../../etc")),
        "cannot have the option x-pinnace.subpath=../../etc");
  }
}
