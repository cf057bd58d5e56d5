package dev.pinnace.internal.isolation.linux.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.linux.Kernel.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The committed filters are what the compiler makes of the profile. After a change of either run
 * this with {@code -Dpinnace.golden=src/main/resources} in {@code core}, which writes the files
 * instead of comparing.
 */
class CompiledDefaultTest {
  private static final List<KernelVersion> KERNELS =
      List.of(
          CompiledDefault.SINCE,
          new KernelVersion(4, 9),
          new KernelVersion(5, 10),
          new KernelVersion(6, 1),
          new KernelVersion(6, 18),
          new KernelVersion(999, 0));

  private static byte[] compiled(Architecture architecture, KernelVersion kernel) {
    return DefaultSeccompProfile.filter(CompiledDefault.CAPABILITIES, architecture, kernel).bytes();
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void find_isWhatTheCompilerMakes(Architecture architecture) throws IOException {
    String golden = System.getProperty("pinnace.golden");
    if (golden != null) {
      Path folder = Path.of(golden).resolve(getClass().getPackageName().replace('.', '/'));
      Files.write(
          folder.resolve(CompiledDefault.resource(architecture)),
          compiled(architecture, CompiledDefault.SINCE));
      return;
    }
    for (KernelVersion kernel : KERNELS) {
      assertThat(CompiledDefault.find(CompiledDefault.CAPABILITIES, architecture, kernel))
          .as("%s", kernel)
          .hasValue(compiled(architecture, kernel));
    }
  }

  @ParameterizedTest
  @EnumSource(Architecture.class)
  void find_otherCapabilitiesOrAnOlderKernel_isLeftToTheCompiler(Architecture architecture) {
    Set<String> more = new HashSet<>(CompiledDefault.CAPABILITIES);
    more.add("CAP_SYS_ADMIN");
    Set<String> fewer = new HashSet<>(CompiledDefault.CAPABILITIES);
    fewer.remove("CAP_SYS_CHROOT");
    for (Set<String> others : List.of(more, fewer, Set.<String>of())) {
      assertThat(CompiledDefault.find(others, architecture, CompiledDefault.SINCE)).isEmpty();
      assertThat(DefaultSeccompProfile.bytes(others, architecture, CompiledDefault.SINCE))
          .isEqualTo(
              DefaultSeccompProfile.filter(others, architecture, CompiledDefault.SINCE).bytes());
    }
    assertThat(
            CompiledDefault.find(
                CompiledDefault.CAPABILITIES, architecture, new KernelVersion(4, 7)))
        .isEmpty();
  }
}
