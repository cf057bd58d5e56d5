package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Container;
import dev.pinnace.ScopedContainer;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.RunResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As whom a container runs: CVE-2024-40635, CVE-2026-46680, CVE-2026-30892. */
@Needs({"root", "gcc"})
@Timeout(60)
class UsersTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();
  private static String image = "";

  @BeforeAll
  static void load() {
    image =
        new HostileImage()
            .dir("etc")
            .file(
                "etc/passwd",
                """
                root:x:0:0::/root:/bin/sh
                ann:x:1000:100::/home/ann:/bin/sh
                777:x:0:0::/:/bin/sh
                bad:x:-1:0::/:/bin/sh
                big:x:4294967296:0::/:/bin/sh
                """)
            .file("etc/group", "root:x:0:\nusers:x:100:\nwheel:x:10:bob,ann,root\n888:x:0:\n")
            .file("setuid", "")
            .load(PLACE.pinnace(), PLACE.directory(), "users");
  }

  private static ContainerSpecBuilder container(String user) {
    return ContainerSpec.image(image).command("/probe", "user").user(user);
  }

  private static String output(ContainerSpecBuilder spec) {
    return Tools.output(PLACE.pinnace(), spec);
  }

  /** Root's capabilities must not help another user to its program. */
  @Test
  void anotherUser_executesOnlyWhatItMay() {
    String script =
        "mkdir -p /closed && cp /bin/true /closed/true && chmod 700 /closed && echo ready && exec"
            + " sleep 60";
    if (PLACE.pinnace().images().find("localhost/closing").isEmpty()) {
      PLACE
          .pinnace()
          .images()
          .host("sh", "mkdir", "cp", "chmod", "sleep", "true", "id")
          .named("localhost/closing")
          .build();
    }
    Container container =
        PLACE
            .pinnace()
            .containers()
            .start(ContainerSpec.image("localhost/closing").command("sh", "-c", script));
    while (container.logs().text().isEmpty()) {
      Thread.onSpinWait();
    }
    ExecSpec closed = ExecSpec.of("/closed/true");
    assertThatThrownBy(() -> container.execute(closed.withUser("1234")))
        .isInstanceOf(PinnaceException.class)
        .hasMessageContaining("EACCES");
    assertThat(container.execute(closed.withUser("0")).exitCode()).isZero();
    container.remove(true);
  }

  @Test
  void anotherUser_canOpenItsStreams() {
    String[] script = {"sh", "-c", "echo out >/dev/stdout; echo err >/dev/stderr"};
    RunResult run =
        PLACE.pinnace().containers().run(Tools.container(PLACE.pinnace(), script).user("1234"));
    assertThat(run.stdout() + run.stderr()).isEqualTo("out\nerr\n");
    Container container =
        PLACE.pinnace().containers().start(Tools.container(PLACE.pinnace(), "sleep", "60"));
    ExecResult exec = container.execute(ExecSpec.of(script).withUser("1234"));
    assertThat(exec.stdout() + exec.stderr()).isEqualTo("out\nerr\n");
    container.remove(true);
  }

  @Test
  void user_byNameNumberAndGroup() {
    assertThat(output(container("ann")))
        .isEqualTo("uid 1000 1000 1000\ngid 100 100 100\ngroups 10 100\n");
    assertThat(output(container("1000"))).isEqualTo(output(container("ann")));
    assertThat(output(container("1000:5"))).isEqualTo("uid 1000 1000 1000\ngid 5 5 5\ngroups 5\n");
    assertThat(output(container("ann:wheel")))
        .isEqualTo("uid 1000 1000 1000\ngid 10 10 10\ngroups 10\n");
    assertThat(output(container("4000").groups("users", "7")))
        .isEqualTo("uid 4000 4000 4000\ngid 0 0 0\ngroups 0 7 100\n");
  }

  @Test
  void user_root_hasTheGroupsThatTheImageGivesIt() {
    String root = "uid 0 0 0\ngid 0 0 0\ngroups 0 10\n";
    assertThat(output(ContainerSpec.image(image).command("/probe", "user"))).isEqualTo(root);
    assertThat(output(container("root"))).isEqualTo(root);
    assertThat(output(container("0:0"))).isEqualTo("uid 0 0 0\ngid 0 0 0\ngroups 0\n");
    try (ScopedContainer container =
        PLACE
            .pinnace()
            .containers()
            .scoped(ContainerSpec.image(image).command("/probe", "signal").user("ann"))) {
      assertThat(container.execute(ExecSpec.of("/probe", "user").withUser("root")).stdout())
          .isEqualTo(root);
    }
  }

  @Test
  @Needs("user-namespaces")
  void user_inASmallUserMap_hasTheGroupsThatAreInIt() {
    String root = "uid 0 0 0\ngid 0 0 0\ngroups 0\n";
    ContainerSpecBuilder small =
        ContainerSpec.image(image).command("/probe", "user").userMap(200_000, 200_000, 10);
    assertThat(output(small)).isEqualTo(root);
    assertThatThrownBy(() -> output(small.groups("wheel")))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("there is no group 10 in the container");
    try (ScopedContainer container =
        PLACE
            .pinnace()
            .containers()
            .scoped(
                ContainerSpec.image(image)
                    .command("/probe", "signal")
                    .userMap(200_000, 200_000, 10))) {
      assertThat(container.execute(ExecSpec.of("/probe", "user").withUser("root")).stdout())
          .isEqualTo(root);
    }
  }

  @Test
  void user_numberIsNeverAName() {
    assertThat(output(container("777"))).startsWith("uid 777 777 777\n");
    assertThat(output(container("777:888"))).startsWith("uid 777 777 777\ngid 888 888 888\n");
  }

  @Test
  void exec_asAnotherUser() {
    try (ScopedContainer container =
        PLACE
            .pinnace()
            .containers()
            .scoped(ContainerSpec.image(image).command("/probe", "signal"))) {
      assertThat(container.execute(ExecSpec.of("/probe", "user").withUser("ann")).stdout())
          .isEqualTo("uid 1000 1000 1000\ngid 100 100 100\ngroups 10 100\n");
      for (String odd : new String[] {"bad", "4294967295", "-1", "ann:"}) {
        assertThatThrownBy(() -> container.execute(ExecSpec.of("/probe", "user").withUser(odd)))
            .as(odd)
            .isInstanceOf(PinnaceException.class);
      }
    }
  }

  @Test
  void exec_hasTheGroupsThatWereAddedToTheContainer() {
    try (ScopedContainer container =
        PLACE
            .pinnace()
            .containers()
            .scoped(ContainerSpec.image(image).command("/probe", "signal").groups("users", "7"))) {
      ExecSpec user = ExecSpec.of("/probe", "user");
      assertThat(container.execute(user).stdout()).endsWith("groups 0 7 10 100\n");
      assertThat(container.execute(user.withUser("4000")).stdout()).endsWith("groups 0 7 100\n");
      assertThat(container.execute(user.withUser("1000:5")).stdout())
          .endsWith("gid 5 5 5\ngroups 5 7 100\n");
    }
  }

  @Test
  void capabilities_noneInEffectForAnotherUser() {
    String status =
        Tools.output(
            PLACE.pinnace(),
            Tools.container(PLACE.pinnace(), "cat", "/proc/self/status").user("1000"));
    assertThat(status).contains("CapEff:\t0000000000000000\n", "CapPrm:\t0000000000000000\n");
    assertThat(status).contains("CapInh:\t0000000000000000\n", "CapAmb:\t0000000000000000\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "99999999999999999999999999",
        "bad",
        "big",
        "ann:ann:ann",
        ":",
        "ann:",
        ":10",
        "0x10",
        "1e3",
        "+5",
        " 5",
        "5 ",
        "1,2",
        "ann\n",
        "../x",
        "1000:-1",
        "1000:4294967295",
        "root:x:0"
      })
  void user_oddOnesAreRefused(String user) {
    assertThatThrownBy(() -> output(container(user)))
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(InvalidSpecException.class),
            e -> assertThat(e).isInstanceOf(NotFoundException.class));
  }
}
