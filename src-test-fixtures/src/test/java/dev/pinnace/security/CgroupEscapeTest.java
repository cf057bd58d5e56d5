package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.ScopedContainer;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** CVE-2022-0492, CVE-2023-25809: a container writes to the cgroup tree. */
@Needs({"root", "gcc"})
class CgroupEscapeTest {
  private static final String WRITE =
      "cd /sys/fs/cgroup; mkdir new 2>/dev/null && echo made; for f in cgroup.procs cgroup.kill"
          + " cgroup.freeze cgroup.subtree_control release_agent notify_on_release; do"
          + " (echo 0 > $f) 2>/dev/null && echo $f; done; true";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  @Test
  void cgroup_isReadOnlyAndRootedAtTheContainer() {
    try (ScopedContainer container =
        PLACE.pinnace().containers().scoped(Tools.container(PLACE.pinnace(), "sleep", "60"))) {
      assertThat(container.execute("sh", "-c", WRITE).stdout()).isEmpty();
      assertThat(container.execute("cat", "/proc/1/cgroup").stdout()).contains("0::/\n");
      assertThat(container.execute("cat", "/sys/fs/cgroup/cgroup.procs").stdout().lines())
          .contains("1")
          .hasSizeLessThanOrEqualTo(2);
    }
  }

  @Test
  void cgroup_isReadOnlyWithASharedNamespaceToo() {
    assertThat(
            Tools.output(
                PLACE.pinnace(), Tools.container(PLACE.pinnace(), "sh", "-c", WRITE).hostCgroup()))
        .isEmpty();
  }

  @Test
  void mount_ofACgroupHierarchyIsRefusedEvenUnconfined() {
    var calls = Tools.container(PLACE.pinnace(), Tools.probe(), "calls");
    assertThat(Tools.output(PLACE.pinnace(), calls)).contains("mount-cgroup EPERM");
    assertThat(Tools.output(PLACE.pinnace(), calls.seccompUnconfined()))
        .contains("mount-cgroup EPERM", "remount-cgroup EPERM");
  }
}
