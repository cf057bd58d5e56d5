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
  private static final int STARTS = 200;

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static Container spying(ContainerSpecBuilder spec) throws InterruptedException {
    Container container = PLACE.pinnace().containers().start(spec);
    while (container.logs().read().isEmpty()) {
      Thread.sleep(5);
    }
    return container;
  }

  private static List<String> said(Container spy) {
    // It may be killed with the container, which ends once the file is there.
    assertThat(spy.execute(Tools.probe(), "stop").exitCode()).isIn(0, 137);
    assertThat(spy.await(Duration.ofSeconds(30)).code()).isZero();
    List<String> said = spy.logs().read().stream().map(LogLine::text).toList();
    spy.remove(false);
    return said;
  }

  private static List<String> spyOnExecs(ContainerSpecBuilder spec) throws InterruptedException {
    Container container = spying(spec);
    for (int i = 0; i < EXECS; i++) {
      assertThat(container.execute(Tools.probe(), "true").exitCode()).isZero();
    }
    return said(container);
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

  /** A container is set up before it is seen in the pid namespace of another. */
  @Test
  void container_thatSharesTheProcessesOfOneWithPtrace_hasNothingThatThatHasNot()
      throws InterruptedException {
    Container spy = spying(spy().name("spy"));
    for (int i = 0; i < STARTS; i++) {
      assertThat(PLACE.pinnace().containers().run(beside("true")).exitCode()).isZero();
    }
    assertThat(said(spy))
        .anyMatch(line -> line.matches("launcher [1-9][0-9]*"))
        .contains("stronger 0")
        .noneMatch(line -> line.startsWith("host "));
  }

  /** Whose exec it is does not know of those who share its processes. */
  @Test
  void exec_besideAContainerWithPtrace_hasNothingThatThatHasNot() throws InterruptedException {
    Container seen =
        PLACE
            .pinnace()
            .containers()
            .start(Tools.container(PLACE.pinnace(), "sleep", "600").name("seen"));
    Container spy = spying(spy().pidOf("seen"));
    for (int i = 0; i < EXECS; i++) {
      assertThat(seen.execute(Tools.probe(), "true").exitCode()).isZero();
    }
    assertThat(said(spy))
        .anyMatch(line -> line.matches("launcher [1-9][0-9]*"))
        .contains("stronger 0")
        .noneMatch(line -> line.startsWith("host "));
    seen.remove(true);
  }

  private static ContainerSpecBuilder spy() {
    return Tools.container(PLACE.pinnace(), Tools.probe(), "spy", PLACE.root().toString())
        .capAdd("SYS_PTRACE");
  }

  private static ContainerSpecBuilder beside(String does) {
    return Tools.container(PLACE.pinnace(), Tools.probe(), does).pidOf("spy");
  }
}
