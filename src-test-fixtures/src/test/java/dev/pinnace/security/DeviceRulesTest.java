package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.RestartPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Who can make device nodes, or gets them with an image, can use those alone that are permitted.
 */
@Needs({"root", "gcc"})
@Tag("vm-too")
class DeviceRulesTest {
  /** The kernel's log: a device that every host has. Whoever opens it needs CAP_SYSLOG besides. */
  private static final String LOG = "1";

  private static final String LOG_MINOR = "11";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static ContainerSpecBuilder container(String... command) {
    return Tools.container(PLACE.pinnace(), command).capAdd("SYSLOG");
  }

  private static String output(ContainerSpecBuilder spec) {
    return Tools.output(PLACE.pinnace(), spec).strip();
  }

  private static ContainerSpecBuilder opening(String path, String how) {
    return container(Tools.probe(), "open", path, how);
  }

  @Test
  void made_butNotPermitted_cannotBeOpened() {
    assertThat(output(container(Tools.probe(), "node", "/tmp-node", "c", LOG, LOG_MINOR)))
        .isEqualTo("EPERM");
    assertThat(output(container(Tools.probe(), "node", "/tmp-node", "c", "10", "229")))
        .isEqualTo("EPERM");
    assertThat(output(container(Tools.probe(), "node", "/tmp-node", "b", "7", "0")))
        .isEqualTo("EPERM");
  }

  @Test
  void made_andPermitted_canBeOpened() {
    assertThat(output(container(Tools.probe(), "node", "/tmp-node", "c", "1", "3")))
        .isEqualTo("ok");
  }

  @Test
  void defaultDevices_work() {
    for (String name : new String[] {"null", "zero", "full", "random", "urandom", "ptmx"}) {
      assertThat(output(opening("/dev/" + name, "r"))).as(name).isEqualTo("ok");
      assertThat(output(opening("/dev/" + name, "w"))).as(name).isEqualTo("ok");
    }
  }

  @Test
  void given_opensWithTheAccessThatWasGiven() {
    assertThat(output(opening("/dev/kmsg", "r").device("/dev/kmsg"))).isEqualTo("ok");
    assertThat(output(opening("/dev/log2", "r").device("/dev/kmsg:/dev/log2:r"))).isEqualTo("ok");
    assertThat(output(opening("/dev/kmsg", "w").device("/dev/kmsg:r"))).isEqualTo("EPERM");
    assertThat(output(opening("/dev/kmsg", "w").device("/dev/kmsg:/dev/kmsg:w"))).isEqualTo("ok");
  }

  @Test
  void given_outsideDev_opensWithTheAccessThatWasGiven() {
    assertThat(output(opening("/opt/log", "r").device("/dev/kmsg:/opt/log"))).isEqualTo("ok");
    assertThat(output(opening("/opt/log", "w").device("/dev/kmsg:/opt/log:r"))).isEqualTo("EPERM");
    assertThat(
            output(
                opening("/opt/log", "w")
                    .device("/dev/kmsg:/opt/log:r")
                    .userMap(200_000, 200_000, 65536)))
        .isNotEqualTo("ok");
  }

  @Test
  void permittedByARule_canBeMadeAndOpened() {
    String[] log = {Tools.probe(), "node", "/tmp-node", "c", LOG, LOG_MINOR};
    assertThat(output(container(log).deviceRule("c 1:11 rwm"))).isEqualTo("ok");
    assertThat(output(container(log).deviceRule("c 1:* rw"))).isEqualTo("ok");
    assertThat(output(container(log).deviceRule("b 1:11 rwm"))).isEqualTo("EPERM");
    assertThat(output(container(log).deviceRule("c 1:12 rwm"))).isEqualTo("EPERM");
  }

  @Test
  void privileged_usesEverything() {
    assertThat(
            output(container(Tools.probe(), "node", "/tmp-node", "c", LOG, LOG_MINOR).privileged()))
        .isEqualTo("ok");
  }

  @Test
  void exec_isBoundToo() {
    Container container = PLACE.pinnace().containers().start(container("sleep", "60"));
    assertThat(container.execute(Tools.probe(), "node", "/node", "c", LOG, LOG_MINOR).stdout())
        .isEqualTo("EPERM\n");
    container.remove(true);
  }

  @Test
  void imagesNodes_cannotBeOpened_norInAUserNamespace() throws IOException {
    String image =
        new HostileImage()
            .device("log", 1, 11)
            .device("nothing", 1, 3)
            .file("probe", Files.readAllBytes(Path.of(Tools.probe())), 0755)
            .load(PLACE.pinnace(), PLACE.directory(), "nodes");
    ContainerSpecBuilder open =
        ContainerSpec.image(image).command("/probe", "open", "/log", "r").capAdd("SYSLOG");
    assertThat(output(open)).isEqualTo("EPERM");
    assertThat(output(open.userMap(200_000, 200_000, 65536))).isEqualTo("EPERM");
    assertThat(output(ContainerSpec.image(image).command("/probe", "open", "/nothing", "r")))
        .isEqualTo("ok");
  }

  @Test
  void restarted_isStillBound() throws InterruptedException {
    Container container =
        PLACE
            .pinnace()
            .containers()
            .start(
                container(
                        "sh",
                        "-c",
                        Tools.probe()
                            + " node /n$$ c 1 11; "
                            + Tools.probe()
                            + " open /n$$ r; exit 1")
                    .restart(RestartPolicy.onFailure(2)));
    container.await();
    assertThat(container.logs().text()).doesNotContain("ok").contains("EPERM");
    container.remove(false);
  }
}
