package dev.pinnace.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pinnace.linux.file.DetachedMount;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.FileSystemContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log and the exit record that a supervisor writes. */
class SupervisorLogTest extends SupervisorFixture {
  @Test
  void log_rotates() throws IOException {
    String script =
        "for i in 1 2 3 4 5 6; do head -c 700 /dev/zero | tr '\\0' $i; sleep 0.02; done";
    try (Launched launched = run(TestPlans.policy().log(1000, 3), script)) {
      Launched.ExitBytes record = launched.end();
      assertThat(record.written()).isEqualTo(6 * 700);
      assertThat(launched.log("log").get(0).data()).isEqualTo("6".repeat(700));
      assertThat(launched.log("log.2").get(0).data()).isEqualTo("4".repeat(700));
      assertThat(launched.log("log.2").get(0).flags())
          .as("unfinished, and begun before")
          .isEqualTo(1 | 2);
      assertThat(directory.resolve("logs/log.3")).doesNotExist();
    }
  }

  @Test
  void log_ofSmallFiles_takesWhatIsLeftInThePipe() throws IOException {
    try (Launched launched =
        run(TestPlans.policy().log(1000, 2), "head -c 250000 /dev/zero; exit 1")) {
      assertThat(launched.end().written()).isEqualTo(250_000);
      assertThat(Files.size(directory.resolve("logs/log.1"))).isEqualTo(1000);
    }
  }

  @Test
  void cappedLog_keepsItsHead() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy().log(100, 1).set(SupervisorPolicy.Flag.CAPPED, true);
    try (Launched launched = run(policy, "head -c 250 /dev/zero; exit 4")) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.written(), record.dropped())).containsExactly(100L, 150L);
      assertThat(List.of(record.flags(), record.code())).containsExactly(8, 4);
    }
  }

  @Test
  void cappedLog_canEndTheContainer() throws IOException {
    SupervisorPolicy.Builder policy =
        TestPlans.policy()
            .log(1000, 1)
            .set(SupervisorPolicy.Flag.CAPPED, true)
            .set(SupervisorPolicy.Flag.KILL_ON_CAP, true);
    try (Launched launched = run(policy, "exec yes")) {
      Launched.ExitBytes record = launched.end();
      assertThat(List.of(record.code(), record.flags())).containsExactly(137, 8);
      assertThat(record.written()).isEqualTo(1000);
    }
  }

  @Test
  void tornLog_isSetAside() throws IOException {
    Files.createDirectories(directory.resolve("logs"));
    Files.writeString(directory.resolve("logs/log"), "half a frame");
    try (Launched launched = run(TestPlans.policy(), "echo whole")) {
      launched.end();
      assertThat(launched.output(1)).isEqualTo("whole\n");
      assertThat(directory.resolve("logs/log.1")).hasContent("half a frame");
    }
  }

  @Test
  void logThatCannotBeWritten_isCountedAndNoted() throws IOException {
    Path inTheWay = Files.createDirectories(directory.resolve("logs/log"));
    Path told = directory.resolve("told");
    String script =
        ("echo lost; : >'%s'; while [ -d '%s' ]; do sleep 0.01; done;"
                + " sleep 0.3; echo too; sleep 0.3; echo too")
            .formatted(told, inTheWay);
    try (Launched launched = run(TestPlans.policy(), script)) {
      launched.await(Launched.STARTED);
      while (Files.notExists(told)) {
        launched.sleep(10);
      }
      // The supervisor reads what is written before the question that comes after it.
      launched.send(7, 1);
      launched.await(0x87);
      Files.delete(inTheWay);
      Launched.ExitBytes record = launched.end();
      assertThat(record.dropped()).isGreaterThanOrEqualTo(5);
      assertThat(record.dropped() + record.written()).isEqualTo(13);
      assertThat(launched.output(3))
          .isEqualTo(record.dropped() + " bytes of output were dropped: the disk was full\n");
      assertThat(launched.output(1)).endsWith("too\n");
    }
  }

  @Test
  void lineWhoseEndIsDropped_isNotContinuedByWhatComesNext() throws IOException {
    assumeTrue(LauncherStepsTest.isRoot(), "needs root: a file system of its own");
    try (FileSystemContext context = FileSystemContext.open("tmpfs")) {
      context.set("size", "65536");
      try (DetachedMount disk = context.create().mount(0);
          Dir root = disk.root()) {
        Path place = Path.of(root.fd().procPath());
        Path filled = directory.resolve("filled");
        Path told = directory.resolve("told");
        Path emptied = directory.resolve("emptied");
        String script =
            "printf abc; %s; dd if=/dev/zero bs=6000 count=1 2>/dev/null; : >'%s'; %s; echo yz"
                .formatted(awaiting(filled), told, awaiting(emptied));
        try (Launched launched = Launched.of(place, TestPlans.script(TestPlans.policy(), script))) {
          launched.await(Launched.STARTED);
          while (launched.log("log").isEmpty()) {
            launched.sleep(10);
          }
          assertThatThrownBy(() -> Files.write(place.resolve("full"), new byte[1 << 17]))
              .hasMessageContaining("No space left");
          Files.createFile(filled);
          while (Files.notExists(told)) {
            launched.sleep(10);
          }
          // The supervisor reads what is written before the question that comes after it.
          launched.send(7, 1);
          launched.await(0x87);
          Files.delete(place.resolve("full"));
          Files.createFile(emptied);
          assertThat(launched.end().dropped()).isEqualTo(6000);
          assertThat(launched.log("log"))
              .containsExactly(
                  new Launched.LogFrame(1, 1, "abc"),
                  new Launched.LogFrame(
                      3, 0, "6000 bytes of output were dropped: the disk was full\n"),
                  new Launched.LogFrame(1, 0, "yz\n"));
        }
      }
    }
  }

  private static String awaiting(Path file) {
    return "while [ ! -e '" + file + "' ]; do sleep 0.01; done";
  }

  /** ramfs knows no fallocate(2), and no limit either. */
  @ParameterizedTest
  @ValueSource(strings = {"tmpfs", "ramfs"})
  void exitRecord_isWrittenOnADiskThatBecameFull(String type) throws IOException {
    assumeTrue(LauncherStepsTest.isRoot(), "needs root: a file system of its own");
    try (FileSystemContext context = FileSystemContext.open(type)) {
      if (type.equals("tmpfs")) {
        context.set("size", "65536");
      }
      try (DetachedMount disk = context.create().mount(0);
          Dir root = disk.root()) {
        Path place = Path.of(root.fd().procPath());
        SupervisorPolicy.Builder policy = TestPlans.policy();
        try (Launched launched = Launched.of(place, TestPlans.script(policy, FOREVER))) {
          launched.await(Launched.STARTED);
          assertThat(place.resolve("exit.tmp")).hasSize(96);
          assertThat(place.resolve("exit")).doesNotExist();
          if (type.equals("tmpfs")) {
            assertThatThrownBy(() -> Files.write(place.resolve("full"), new byte[1 << 17]))
                .hasMessageContaining("No space left");
          }
          launched.send(STOP, 1, 9, 0);
          Launched.ExitBytes record = launched.end();
          assertThat(record.isWhole()).isTrue();
          assertThat(record.code()).isEqualTo(137);
          assertThat(place.resolve("exit.tmp")).doesNotExist();
        }
      }
    }
  }
}
