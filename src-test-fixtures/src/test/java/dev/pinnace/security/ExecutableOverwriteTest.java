package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.linux.process.Launcher;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ExecResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** CVE-2019-5736: the runtime's own executable overwritten through /proc/self/exe. */
@Needs({"root", "gcc"})
class ExecutableOverwriteTest {
  private static final String SELF = "#!/proc/self/exe\n";

  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  /** What runs on the host for a container: java, libjvm, and the launcher in our class path. */
  private static Map<String, String> hashes() throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    Path home = Path.of(System.getProperty("java.home"));
    for (String file : new String[] {"bin/java", "lib/server/libjvm.so"}) {
      hashes.put(file, HostileImage.sha256(Files.readAllBytes(home.resolve(file))));
    }
    for (String launcher : new String[] {"launcher-x86_64", "launcher-aarch64"}) {
      try (var in = Launcher.class.getResourceAsStream("/dev/pinnace/linux/launcher/" + launcher)) {
        hashes.put(launcher, in == null ? "" : HostileImage.sha256(in.readAllBytes()));
      }
    }
    return hashes;
  }

  private static String image(String name) {
    return new HostileImage()
        .file("self", SELF)
        .symlink("link", "/proc/self/exe")
        .load(PLACE.pinnace(), PLACE.directory(), name);
  }

  @Test
  void run_selfAsInterpreter() throws IOException {
    Map<String, String> before = hashes();
    String image = image("self-run");
    for (String entry : new String[] {"/self", "/link", "/proc/self/exe"}) {
      try {
        var result = PLACE.pinnace().containers().run(ContainerSpec.image(image).entrypoint(entry));
        assertThat(result.exitCode()).as(entry).isNotZero();
      } catch (StartFailedException refused) {
        assertThat(refused).hasMessageContaining("execute " + entry);
      }
    }
    assertThat(hashes()).isEqualTo(before);
  }

  @Test
  void exec_selfAsInterpreterWhileTheContainerWrites() throws IOException {
    Map<String, String> before = hashes();
    Container container =
        PLACE
            .pinnace()
            .containers()
            .start(
                ContainerSpec.image(image("self-exec"))
                    .command("/probe", "overwrite", "6")
                    .capAdd("SYS_PTRACE"));
    int executed = 0;
    for (long end = System.nanoTime() + 4_000_000_000L; System.nanoTime() < end; executed++) {
      try {
        ExecResult result = container.execute(executed % 2 == 0 ? "/self" : "/probe");
        assertThat(result.exitCode()).isBetween(0, 255);
      } catch (StartFailedException refused) {
        assertThat(refused).hasMessageContaining("execute /self");
      }
    }
    assertThat(container.await(Duration.ofSeconds(30)).code()).isZero();
    assertThat(executed).isGreaterThan(20);
    assertThat(container.logs().read())
        .anySatisfy(line -> assertThat(line.text()).matches("opened [1-9][0-9]*"))
        .anySatisfy(line -> assertThat(line.text()).isEqualTo("written 0"));
    container.remove(false);
    assertThat(hashes()).isEqualTo(before);
    assertThat(
            Tools.output(
                PLACE.pinnace(), ContainerSpec.image("localhost/self-exec:1").command("/probe")))
        .isEmpty();
  }
}
