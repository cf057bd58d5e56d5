package dev.pinnace.internal.isolation.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.internal.isolation.linux.cgroup.CgroupTree;
import dev.pinnace.internal.isolation.linux.plan.HostFacts;
import dev.pinnace.internal.storage.overlayfs.OverlayProvider;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spi.storage.StorageOptions;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What overlay takes is tried, by the isolation as by the storage, whatever the kernel's number.
 */
@Tag("vm-too")
class HostTrialsTest {
  @TempDir Path directory;

  @Test
  @Needs("root")
  void layersOneByOne_asTheStorageFoundOut() {
    HostFacts facts = new HostProbe().facts(CgroupTree.none());
    boolean found =
        new OverlayProvider().probe(directory, StorageOptions.DEFAULTS).has("lowerdir+");
    try (Launcher launcher = Launcher.load()) {
      assertThat(HostTrials.withLayers(launcher, facts).lowerdirPlus()).isEqualTo(found);
      HostFacts user =
          new HostFacts(
              facts.uid(),
              facts.gid(),
              Set.of(),
              facts.lastCapability(),
              facts.kernelMajor(),
              facts.kernelMinor(),
              !found,
              false,
              false,
              facts.thermalThrottle(),
              Optional.empty());
      assertThat(HostTrials.withLayers(launcher, user).lowerdirPlus())
          .as("in a user namespace")
          .isEqualTo(found);
    }
  }
}
