package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.LogLine;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** CVE-2016-9962: a container looks into the process that is joining it. */
@Needs({"root", "gcc"})
@Timeout(60)
class JoinerTraceTest {
  private static final int EXECS = 1000;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static List<String> spyOnExecs(ContainerSpecBuilder spec) throws InterruptedException {
    Container container = PLACE.pinnace().containers().start(spec);
    while (container.logs().read().isEmpty()) {
      Thread.sleep(5);
    }
    for (int i = 0; i < EXECS; i++) {
      assertThat(container.execute(Tools.probe(), "true").exitCode()).isZero();
    }
    // It may be killed with the container, which ends once the file is there.
    assertThat(container.execute(Tools.probe(), "stop").exitCode()).isIn(0, 137);
    assertThat(container.await(Duration.ofSeconds(30)).code()).isZero();
    List<String> said = container.logs().read().stream().map(LogLine::text).toList();
    container.remove(false);
    return said;
  }

  @Test
  void exec_aDefaultContainerSeesNothing() throws InterruptedException {
    assertThat(
            spyOnExecs(
                Tools.container(PLACE.pinnace(), Tools.probe(), "spy", PLACE.root().toString())))
        .contains("attached 0", "launcher 0", "seen 0")
        .anyMatch(line -> line.matches("looks [1-9][0-9]{2,}"));
  }

  @Test
  @Needs("user-namespaces")
  void exec_inAUserNamespaceItSeesNothingEvenWithPtrace() throws InterruptedException {
    assertThat(
            spyOnExecs(
                Tools.container(PLACE.pinnace(), Tools.probe(), "spy", PLACE.root().toString())
                    .userMap(200_000, 200_000, 65536)
                    .capAdd("SYS_PTRACE")))
        .contains("attached 0", "launcher 0", "seen 0")
        .anyMatch(line -> line.matches("looks [1-9][0-9]{2,}"));
  }

  @Test
  void exec_withPtraceItFindsNothingThatItHasNotItself() throws InterruptedException {
    assertThat(
            spyOnExecs(
                Tools.container(PLACE.pinnace(), Tools.probe(), "spy", PLACE.root().toString())
                    .capAdd("SYS_PTRACE")))
        .anyMatch(line -> line.matches("launcher [1-9][0-9]*"))
        .contains("stronger 0")
        .noneMatch(line -> line.startsWith("host "));
  }
}
