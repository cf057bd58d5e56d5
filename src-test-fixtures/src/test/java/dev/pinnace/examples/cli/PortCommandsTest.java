package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.examples.cli.Commands.Result;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Published ports by the command line, with Docker's flags and words. */
@Needs({"root", "busybox"})
@Timeout(120)
class PortCommandsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final Commands cli = new Commands(PLACE.root(), PLACE.run());

  @BeforeEach
  void makeImage() {
    if (cli.pinnace("images", "-q").lines().isEmpty()) {
      assertThat(cli.pinnace("import-host", "-t", "tools", "busybox").code()).isZero();
    }
    assertThat(cli.pinnace("network", "create", "net").code()).isZero();
  }

  @AfterEach
  void removeAll() {
    for (String id : cli.pinnace("ps", "-aq").lines()) {
      assertThat(cli.pinnace("rm", "-f", id).code()).isZero();
    }
    assertThat(cli.pinnace("network", "prune", "-f").code()).isZero();
  }

  private Result run(String command, String... flags) {
    List<String> words = new ArrayList<>(List.of(command, "--name", "web", "--network", "net"));
    words.addAll(List.of(flags));
    words.addAll(List.of("tools", "busybox", "sleep", "1000"));
    if (command.equals("run")) {
      words.add(1, "-d");
    }
    return cli.pinnace(words.toArray(String[]::new));
  }

  @Test
  void publish_isShown_byPortPsAndInspect() {
    Result made = run("run", "-p", "127.0.0.1::80", "-p", "127.0.0.2::53/udp", "--expose", "7000");
    assertThat(made.code()).as(made.err()).isZero();
    String web = cli.pinnace("port", "web", "80").line();
    assertThat(web).matches("127\\.0\\.0\\.1:[0-9]+");
    String dns = cli.pinnace("container", "port", "web", "53/udp").line();
    assertThat(dns).matches("127\\.0\\.0\\.2:[0-9]+");
    assertThat(cli.pinnace("port", "web").lines())
        .containsExactly("80/tcp -> " + web, "53/udp -> " + dns);
    assertThat(cli.pinnace("ps").lines().get(0)).contains("STATUS").contains("PORTS");
    assertThat(cli.pinnace("ps", "--format", "{{.Ports}}").line())
        .isEqualTo(web + "->80/tcp, " + dns + "->53/udp, 7000/tcp");
    assertThat(
            cli.pinnace(
                    "inspect",
                    "-f",
                    "{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}"
                        + " {{json .Config.ExposedPorts}} {{.HostConfig.PublishAllPorts}}",
                    "web")
                .line())
        .isEqualTo(
            "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\""
                + web.substring(10)
                + "\"}],\"53/udp\":[{\"HostIp\":\"127.0.0.2\",\"HostPort\":\""
                + dns.substring(10)
                + "\"}],\"7000/tcp\":null}"
                + " {\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}],"
                + "\"53/udp\":[{\"HostIp\":\"127.0.0.2\",\"HostPort\":\"\"}]}"
                + " {\"53/udp\":{},\"7000/tcp\":{},\"80/tcp\":{}} false");
    Result none = cli.pinnace("port", "web", "81");
    assertThat(none.code()).isEqualTo(125);
    assertThat(none.err()).contains("no public port \"81/tcp\" is published for web");
    assertThat(cli.pinnace("port", "web", "80-81").err()).contains("write one port");
    assertThat(cli.pinnace("stop", "web").code()).isZero();
    assertThat(cli.pinnace("port", "web").out()).isEmpty();
    assertThat(cli.pinnace("inspect", "-f", "{{json .NetworkSettings.Ports}}", "web").line())
        .isEqualTo("{}");
  }

  @Test
  void publishAll_takesTheImagesPorts_amongThemThoseOfTheContainerThatItIsOf() {
    run("create", "--expose", "9/udp");
    assertThat(cli.pinnace("commit", "-c", "EXPOSE 80 53/udp", "web", "says").code()).isZero();
    Result all = cli.pinnace("run", "-d", "-P", "--network", "net", "says");
    assertThat(all.code()).as(all.err()).isZero();
    assertThat(cli.pinnace("port", all.line()).lines())
        .hasSize(6)
        .allMatch(line -> line.matches("(9/udp|80/tcp|53/udp) -> (0\\.0\\.0\\.0|\\[::]):[0-9]+"));
    assertThat(cli.pinnace("inspect", "-f", "{{.HostConfig.PublishAllPorts}}", all.line()).line())
        .isEqualTo("true");
  }

  @Test
  void badPorts_areRefused_andMakeNothing() {
    assertThat(run("run", "-p", "80:x").err()).contains("port \"80:x\": \"x\" is no port");
    assertThat(run("run", "-p", "80/sctp").err()).contains("sctp is not there: use tcp or udp");
    assertThat(run("run", "--expose", "1:2").err()).contains("port \"1:2\"");
    assertThat(cli.pinnace("run", "-p", "80", "tools", "x").err())
        .contains("ports are published of a network only")
        .contains("--network");
    assertThat(cli.pinnace("run", "-p", "80", "--network", "host", "tools", "x").err())
        .contains("publish 80/tcp contradicts network HOST");
    assertThat(cli.pinnace("run", "-P", "--network", "container:x", "tools", "x").err())
        .contains("publishAll contradicts networkOf x");
    assertThat(cli.pinnace("ps", "-aq").out()).isEmpty();
  }

  @Test
  void takenPort_namesWhoHasIt() {
    assertThat(run("run", "-p", "127.0.0.1::80").code()).isZero();
    String port = cli.pinnace("port", "web", "80").line();
    Result second =
        cli.pinnace(
            "run", "-d", "--name", "second", "--network", "net", "-p", port + ":80", "tools", "x");
    assertThat(second.code()).isEqualTo(125);
    assertThat(second.err())
        .contains("port " + port + ":80/tcp of container second cannot be published")
        .contains("container web has it");
    assertThat(cli.pinnace("ps", "-a", "--format", "{{.Names}} {{.State}} {{.Ports}}").lines())
        .as("as with Docker it is made, and not started")
        .containsExactly("second created ", "web running " + port + "->80/tcp");
  }
}
