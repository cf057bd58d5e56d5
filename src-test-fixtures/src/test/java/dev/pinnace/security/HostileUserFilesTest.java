package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.ScopedContainer;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecSpec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * CVE-2024-9676, CVE-2026-47262: the image's files of users and groups are not files, lead to the
 * host's, never end, or are changed while the container runs. Whoever looks a name up reads no
 * other file, reads only so much, and waits for nobody.
 */
@Needs({"root", "gcc"})
@Timeout(60)
class HostileUserFilesTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  /** Users and groups of these names are there on the host, or at the end of the huge file. */
  private static final String LAST = "daemon:x:1:1::/:/bin/sh\n";

  private static String image(String file, String kind) {
    HostileImage image = new HostileImage().dir("etc");
    if (file.equals("etc/group")) {
      image.file("etc/passwd", "ann:x:1000:100::/home/ann:/bin/sh\n");
    }
    switch (kind) {
      case "link" -> image.symlink(file, "/../../../../../../" + file);
      case "fifo" -> image.fifo(file);
      case "dir" -> image.dir(file);
      case "endless" -> image.device(file, 1, 5);
      default -> image.file(file, huge(), 0644);
    }
    return image.load(
        PLACE.pinnace(), PLACE.directory(), file.replace("etc/", "hostile-") + "-" + kind);
  }

  private static byte[] huge() {
    byte[] bytes = new byte[8 << 20];
    Arrays.fill(bytes, (byte) 'a');
    byte[] end = ("\n" + LAST).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(end, 0, bytes, bytes.length - end.length, end.length);
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({
    "etc/passwd, link",
    "etc/passwd, fifo",
    "etc/passwd, dir",
    "etc/passwd, endless",
    "etc/passwd, huge",
    "etc/group, link",
    "etc/group, fifo",
    "etc/group, dir",
    "etc/group, endless",
    "etc/group, huge"
  })
  void run_findsNobodyInIt(String file, String kind) {
    ContainerSpecBuilder spec =
        ContainerSpec.image(image(file, kind))
            .command("/probe", "user")
            .user(file.equals("etc/group") ? "ann:daemon" : "daemon");
    assertThatThrownBy(() -> PLACE.pinnace().containers().run(spec))
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(InvalidSpecException.class),
            e -> assertThat(e).isInstanceOf(NotFoundException.class));
  }

  @Test
  void exec_inAContainerThatSwapsThem_findsNobodyInThem() {
    String script =
        "rm -rf /etc/passwd /etc/group; case $0 in link) ln -s /../../../../etc/passwd /etc/passwd;"
            + " ln -s /../../etc/group /etc/group;; fifo) mkfifo /etc/passwd /etc/group;; dir)"
            + " mkdir /etc/passwd /etc/group;; endless) mknod /etc/passwd c 1 5; mknod /etc/group c"
            + " 1 5;; esac";
    if (PLACE.pinnace().images().find("localhost/swapping").isEmpty()) {
      PLACE
          .pinnace()
          .images()
          .host("sh", "rm", "ln", "mkfifo", "mkdir", "mknod", "sleep", "id")
          .named("localhost/swapping")
          .build();
    }
    try (ScopedContainer container =
        PLACE
            .pinnace()
            .containers()
            .scoped(ContainerSpec.image("localhost/swapping").command("sleep", "60"))) {
      for (String kind : new String[] {"link", "fifo", "dir", "endless"}) {
        assertThat(container.execute(ExecSpec.of("sh", "-c", script, kind)).exitCode())
            .as(kind)
            .isZero();
        for (String user : new String[] {"0", "root", "0:0"}) {
          assertThat(container.execute(ExecSpec.of("id", "-u").withUser(user)).stdout())
              .as(kind + ", " + user)
              .isEqualTo("0\n");
        }
        for (String user : new String[] {"daemon", "0:daemon"}) {
          assertThatThrownBy(() -> container.execute(ExecSpec.of("id").withUser(user)))
              .as(kind + ", " + user)
              .isInstanceOf(PinnaceException.class)
              .hasMessageMatching("(?s).*(daemon|is not a regular file).*");
        }
      }
    }
  }
}
