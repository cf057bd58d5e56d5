package dev.pinnace.internal.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.oci.RuntimeConfig.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of the host's devices a privileged container has. */
@Needs("root")
class HostDevicesTest {
  @TempDir private Path dev;

  private void node(String name) throws Exception {
    Path path = dev.resolve(name);
    Files.createDirectories(path.getParent());
    assertThat(new ProcessBuilder("mknod", path.toString(), "c", "1", "3").start().waitFor())
        .isZero();
  }

  @Test
  void all_inDirectoriesToo_butNotByLinksNorWhereAContainerHasItsOwn() throws Exception {
    for (String name : new String[] {"a", "net/tun", "bus/usb/001/002", "null", "pts/0", "x/pts"}) {
      node(name);
    }
    Files.createSymbolicLink(dev.resolve("link"), Path.of("a"));
    Files.createSymbolicLink(dev.resolve("directory"), dev.resolve("net"));
    Files.createFile(dev.resolve("file"));
    assertThat(HostDevices.all(dev))
        .extracting(Device::path)
        .containsExactlyInAnyOrder("/dev/a", "/dev/net/tun", "/dev/bus/usb/001/002", "/dev/x/pts");
    assertThat(HostDevices.all(dev)).extracting(Device::minor).containsOnly(3L);
  }

  @Test
  void find_ofADirectory_thoseInIt() throws Exception {
    for (String name : new String[] {"dri/card0", "dri/by-path/x", "dri/null"}) {
      node(name);
    }
    Files.createFile(dev.resolve("dri/file"));
    assertThat(HostDevices.find(dev.resolve("dri"), "/opt/gpu"))
        .extracting(Device::path)
        .containsExactlyInAnyOrder("/opt/gpu/card0", "/opt/gpu/by-path/x", "/opt/gpu/null");
    assertThat(HostDevices.find(dev.resolve("dri"), "/opt/gpu"))
        .extracting(device -> device.source().orElseThrow())
        .contains(dev + "/dri/card0");
    assertThat(HostDevices.find(dev.resolve("dri/card0"), "/dev/x"))
        .extracting(Device::path)
        .containsExactly("/dev/x");
    Files.createDirectory(dev.resolve("empty"));
    assertThatThrownBy(() -> HostDevices.find(dev.resolve("empty"), "/dev/empty"))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("there are no devices in " + dev + "/empty");
  }
}
