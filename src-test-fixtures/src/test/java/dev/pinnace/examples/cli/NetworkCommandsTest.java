package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.examples.cli.Commands.Result;
import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks by the command line, with Docker's flags and words. */
@Needs({"root", "busybox"})
@Timeout(120)
class NetworkCommandsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private final Commands cli = new Commands(PLACE.root(), PLACE.run());

  @BeforeEach
  void makeImage() {
    if (cli.pinnace("images", "-q").lines().isEmpty()) {
      assertThat(cli.pinnace("import-host", "-t", "tools", "busybox").code()).isZero();
    }
  }

  @AfterEach
  void removeAll() {
    for (String id : cli.pinnace("ps", "-aq").lines()) {
      assertThat(cli.pinnace("rm", "-f", id).code()).isZero();
    }
    assertThat(cli.pinnace("network", "prune", "-f").code()).isZero();
    assertThat(cli.pinnace("network", "ls", "-q", "-f", "type=custom").out()).isEmpty();
  }

  @Test
  void create_ls_inspect_rm() {
    String id = cli.pinnace("network", "create", "--label", "a=b", "first").line();
    assertThat(id).matches("[0-9a-f]{64}");
    String second =
        cli.pinnace(
                "network",
                "create",
                "--subnet",
                "10.9.0.0/16",
                "--ip-range",
                "10.9.8.0/24",
                "--gateway",
                "10.9.0.254",
                "--internal",
                "second")
            .line();
    assertThat(cli.pinnace("network", "ls", "-f", "type=custom").lines())
        .containsExactly(
            "NETWORK ID     NAME     DRIVER   SCOPE",
            id.substring(0, 12) + "   first    bridge   local",
            second.substring(0, 12) + "   second   bridge   local");
    assertThat(cli.pinnace("network", "ls", "--format", "{{.Name}} {{.Driver}}").lines())
        .containsExactly(
            "bridge bridge", "first bridge", "host host", "none null", "second bridge");
    assertThat(cli.pinnace("network", "ls", "-q", "--no-trunc", "-f", "label=a").out())
        .isEqualTo(id + "\n");
    Map<String, Integer> filters =
        Map.of("driver=bridge", 3, "driver=null", 1, "scope=local", 5, "type=custom", 2);
    filters.forEach(
        (filter, found) ->
            assertThat(cli.pinnace("network", "ls", "-q", "-f", filter).lines())
                .as(filter)
                .hasSize(found));
    assertThat(cli.pinnace("network", "ls", "-f", "name=^bri", "--format", "{{.Name}}").lines())
        .containsExactly("bridge");
    assertThat(cli.pinnace("network", "ls", "-q", "-f", "name=^rid").out()).isEmpty();
    assertThat(cli.pinnace("network", "ls", "-f", "name=[").err())
        .contains("--filter name=[ is no regular expression");
    assertThat(cli.pinnace("network", "ls", "-q", "-f", "driver=overlay").out()).isEmpty();
    assertThat(cli.pinnace("network", "ls", "--format", "{{.CreatedAt}}", "-f", "name=fir").out())
        .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d [+-]\\d{4} \\w+\n");
    assertThat(
            cli.pinnace(
                    "network",
                    "inspect",
                    "-f",
                    "{{.Name}} {{.Internal}} {{json .IPAM.Config}}",
                    second.substring(0, 8))
                .out())
        .isEqualTo(
            "second true [{\"Subnet\":\"10.9.0.0/16\",\"IPRange\":\"10.9.8.0/24\","
                + "\"Gateway\":\"10.9.0.254\"}]\n");
    assertThat(cli.pinnace("network", "rm", "first", "second").out()).isEqualTo("first\nsecond\n");
    Result gone = cli.pinnace("network", "rm", "first");
    assertThat(gone.code()).isEqualTo(125);
    assertThat(gone.err()).contains("there is no network \"first\"");
    Result byForce = cli.pinnace("network", "rm", "-f", "first");
    assertThat(byForce.code()).isZero();
    assertThat(byForce.out()).as("as Docker, of what is not there").isEmpty();
  }

  @Test
  void run_inANetwork_isFoundByOthers() {
    assertThat(cli.pinnace("network", "create", "--subnet", "10.9.0.0/24", "net").code()).isZero();
    String id =
        cli.pinnace(
                "run",
                "-d",
                "--name",
                "db",
                "--network",
                "net",
                "--ip",
                "10.9.0.7",
                "--mac-address",
                "02:00:00:00:00:07",
                "--network-alias",
                "base",
                "tools",
                "busybox",
                "sleep",
                "1000")
            .line();
    assertThat(
            cli.pinnace(
                    "inspect",
                    "-f",
                    "{{.HostConfig.NetworkMode}} {{.NetworkSettings.Networks.net.IPAddress}}"
                        + " {{.NetworkSettings.Networks.net.MacAddress}}",
                    "db")
                .out())
        .isEqualTo("net 10.9.0.7 02:00:00:00:00:07\n");
    for (String name : new String[] {"db", "base", id.substring(0, 12), "10.9.0.7"}) {
      Result ping =
          cli.pinnace(
              "run", "--rm", "--network", "net", "tools", "busybox", "ping", "-c", "1", name);
      assertThat(ping.code()).as(ping.err()).isZero();
    }
    assertThat(cli.pinnace("ps", "--format", "{{.Names}} {{.Networks}}").out())
        .isEqualTo("db net\n");
    for (String network :
        List.of("net", cli.pinnace("network", "ls", "-q", "-f", "name=net").line())) {
      assertThat(cli.pinnace("ps", "-q", "--filter", "network=" + network).lines()).hasSize(1);
    }
    assertThat(cli.pinnace("ps", "-q", "--filter", "network=other").out()).isEmpty();
    assertThat(cli.pinnace("network", "inspect", "net").out())
        .contains(id, "\"Name\" : \"db\"", "10.9.0.7/24");
    Result used = cli.pinnace("network", "rm", "net");
    assertThat(used.code()).isEqualTo(125);
    assertThat(used.err()).contains("network net is used by container db: remove it first");
  }

  @Test
  void connect_andDisconnect_areShown() {
    for (String name : List.of("net", "other")) {
      assertThat(cli.pinnace("network", "create", name).code()).isZero();
    }
    String id =
        cli.pinnace(
                "run",
                "-d",
                "--name",
                "db",
                "--network",
                "net",
                "tools",
                "busybox",
                "sleep",
                "1000")
            .line();
    Result connected =
        cli.pinnace(
            "network",
            "connect",
            "--alias",
            "base",
            "--mac-address",
            "02:00:00:00:00:07",
            "other",
            "db");
    assertThat(connected.code()).as(connected.err()).isZero();
    assertThat(cli.pinnace("ps", "--format", "{{.Networks}}").out()).isEqualTo("net,other\n");
    assertThat(cli.pinnace("ps", "-q", "--filter", "network=other").lines()).hasSize(1);
    assertThat(cli.pinnace("network", "inspect", "other").out()).contains(id, "02:00:00:00:00:07");
    assertThat(
            cli.pinnace("inspect", "-f", "{{json .NetworkSettings.Networks.other.Aliases}}", "db")
                .out())
        .isEqualTo("[\"base\"]\n");
    assertThat(
            cli.pinnace(
                    "run",
                    "--rm",
                    "--network",
                    "other",
                    "tools",
                    "busybox",
                    "ping",
                    "-c",
                    "1",
                    "base")
                .code())
        .isZero();
    assertThat(cli.pinnace("network", "disconnect", "net", "db").code()).isZero();
    assertThat(cli.pinnace("network", "disconnect", "-f", "net", "db").err())
        .contains("container db is not connected to network net");
    assertThat(cli.pinnace("ps", "--format", "{{.Networks}}").out()).isEqualTo("other\n");
  }

  @Test
  void whatIsNotThere_isRefusedByName() {
    assertThat(cli.pinnace("run", "--network", "none", "--ip", "10.0.0.2", "tools", "x").err())
        .contains("need a network");
    assertThat(cli.pinnace("run", "--network", "nowhere", "tools", "x").err())
        .contains("there is no network \"nowhere\"");
    assertThat(cli.pinnace("network", "create", "-d", "overlay", "net").err())
        .contains("--driver overlay is not there");
    assertThat(cli.pinnace("network", "connect", "--gw-priority", "1", "net", "x").err())
        .contains("--gw-priority", "connect them in that order");
    assertThat(cli.pinnace("network", "connect", "nowhere", "x").err())
        .contains("there is no network \"nowhere\"");
    assertThat(cli.pinnace("network", "create", "host").err()).contains("no network can be called");
  }

  private static String[] create(String... flags) {
    return Stream.of(Stream.of("network", "create"), Stream.of(flags), Stream.of("net"))
        .flatMap(all -> all)
        .toArray(String[]::new);
  }

  @Test
  void ipv6_isMade_given_andShown() {
    Result made =
        cli.pinnace(
            create(
                "--ipv6",
                "--subnet",
                "10.9.0.0/16",
                "--subnet",
                "fd09::/48",
                "--ip-range",
                "fd09::8:0:0/96",
                "--gateway",
                "10.9.0.254",
                "--gateway",
                "fd09::fe"));
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(
            cli.pinnace("network", "inspect", "-f", "{{.EnableIPv6}} {{json .IPAM.Config}}", "net")
                .out())
        .isEqualTo(
            "true [{\"Subnet\":\"10.9.0.0/16\",\"Gateway\":\"10.9.0.254\"},"
                + "{\"Subnet\":\"fd09::/48\",\"IPRange\":\"fd09::8:0:0/96\","
                + "\"Gateway\":\"fd09::fe\"}]\n");
    assertThat(cli.pinnace("network", "create", "fourth").code()).isZero();
    assertThat(cli.pinnace("network", "ls", "--format", "{{.Name}} {{.IPv4}} {{.IPv6}}").lines())
        .containsSubsequence("fourth true false", "net true true");
    String shown = "{{.IPv6Gateway}} {{.GlobalIPv6Address}} {{.GlobalIPv6PrefixLen}}{{end}}";
    Result run =
        cli.pinnace(
            "run",
            "-d",
            "--name",
            "db",
            "--network",
            "net",
            "--ip6",
            "fd09:0::9",
            "--network",
            "fourth",
            "tools",
            "busybox",
            "sleep",
            "1000");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(
            cli.pinnace("inspect", "-f", "{{with .NetworkSettings.Networks.net}}" + shown, "db")
                .out())
        .isEqualTo("fd09::fe fd09::9 48\n");
    assertThat(
            cli.pinnace("inspect", "-f", "{{with .NetworkSettings.Networks.fourth}}" + shown, "db")
                .out())
        .isEqualTo("  0\n");
    assertThat(cli.pinnace("network", "inspect", "net").out()).contains("\"fd09::9/48\"");
    for (String name : List.of("db", "fd09::9")) {
      Result ping =
          cli.pinnace(
              "run",
              "--rm",
              "--network",
              "name=net,ip6=fd09::a",
              "tools",
              "busybox",
              "ping",
              "-6",
              "-c",
              "1",
              name);
      assertThat(ping.code()).as(ping.err()).isZero();
    }
    assertThat(cli.pinnace("network", "disconnect", "net", "db").code()).isZero();
    Result again = cli.pinnace("network", "connect", "--ip6", "fd09::c", "net", "db");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(cli.pinnace("network", "inspect", "net").out()).contains("\"fd09::c/48\"");
    assertThat(cli.pinnace("network", "connect", "--ip6", "fd09::c", "fourth", "db").err())
        .contains("already");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--subnet fd09::/64 | add --ipv6",
        "--ipv6 --gateway fd09::1 | give that --subnet, too",
        "--ipv6 --subnet fd09::/64 --gateway 10.0.0.1 | give --subnet, too",
        "--ipv6 --subnet fd09::/64 --gateway fd0a::1 | is not in its subnet fd09::/64",
        "--ipv6 --subnet fd09::/64 --gateway fd09:: | without the first address",
        "--ipv6 --subnet fd09::/64 --ip-range fd0a::/80 | is not in its subnet fd09::/64",
        "--ipv6 --subnet fd09::/64 --ip-range fd09::/48 | is not in its subnet fd09::/64",
        "--ipv6 --subnet fd09::/64 --subnet fd0a::/64 | one subnet of IPv4, and one of IPv6",
        "--subnet 10.9.0.0/24 --subnet 10.9.1.0/24 | one subnet of IPv4, and one of IPv6",
        "--ipv6 --subnet fd09::/127 | none between /16 and /126",
        "--ipv6 --subnet fe80::/64 | use one of fd00::/8",
        "--ipv6 --subnet ff05::/64 | use one of fd00::/8",
        "--ipv6 --subnet ::/64 | use one of fd00::/8",
        "--ipv6 --subnet fd09::7/64 | write fd09::/64",
        "--ipv6 --subnet fd09::x/64 | is no block of IPv6 addresses",
        "--ipv6 --ipv4=false | --ipv4=false is not there",
      })
  void ipv6_thatCannotBe_isRefused_andNothingIsMade(String flags, String why) {
    Result refused = cli.pinnace(create(flags.split(" ", -1)));
    assertThat(refused.code()).isEqualTo(125);
    assertThat(refused.err()).contains(why);
    assertThat(cli.pinnace("network", "ls", "-q", "-f", "type=custom").out()).isEmpty();
  }

  @Test
  void ipv4_isWhatEveryNetworkHas() {
    assertThat(cli.pinnace(create("--ipv4", "--ipv6=false")).code()).isZero();
    assertThat(cli.pinnace("network", "inspect", "-f", "{{.EnableIPv6}}", "net").out())
        .isEqualTo("false\n");
  }

  @Test
  void prune_printsWhatWent_andNoSpace() {
    assertThat(cli.pinnace("network", "create", "net").code()).isZero();
    assertThat(cli.pinnace("network", "prune", "-f").out()).isEqualTo("Deleted Networks:\nnet\n\n");
    assertThat(cli.pinnace("network", "prune", "-f").out()).isEmpty();
  }

  @Test
  void predefined_areShown_andStay() {
    for (String name : List.of("bridge", "host", "none")) {
      assertThat(cli.pinnace("network", "rm", name).err())
          .contains("network " + name + " is always there, and cannot be removed");
    }
    assertThat(cli.pinnace("network", "create", "bridge").err()).contains("is always there");
    assertThat(cli.pinnace("network", "ls", "-f", "type=builtin", "--format", "{{.Name}}").lines())
        .containsExactly("bridge", "host", "none");
    assertThat(cli.pinnace("network", "ls", "-f", "type=other").err())
        .contains("use type=builtin or type=custom");
    String id =
        cli.pinnace("run", "-d", "--network", "host", "tools", "busybox", "sleep", "1000").line();
    String host = cli.pinnace("network", "ls", "-q", "--no-trunc", "-f", "driver=host").line();
    assertThat(cli.pinnace("network", "inspect", host).out()).contains(id, "\"Name\" : \"host\"");
    assertThat(cli.pinnace("ps", "-q", "--filter", "network=" + host).lines()).hasSize(1);
    assertThat(cli.pinnace("network", "connect", "host", id).err())
        .contains("network host is what a container is made with");
    assertThat(cli.pinnace("network", "disconnect", "host", id).err())
        .contains("none is disconnected from it");
    String other =
        cli.pinnace("run", "-d", "--network", "default", "tools", "busybox", "sleep", "1000")
            .line();
    String shown = "{{.HostConfig.NetworkMode}} {{.NetworkSettings.IPAddress}}";
    assertThat(cli.pinnace("inspect", "-f", shown, other).line()).startsWith("bridge 172.");
    assertThat(cli.pinnace("inspect", "-f", shown, id).line()).isEqualTo("host");
    assertThat(cli.pinnace("network", "inspect", "bridge").out()).contains(other);
  }

  private String start(String name, String... flags) {
    List<String> command = new ArrayList<>(List.of("run", "-d", "--name", name));
    command.addAll(List.of(flags));
    command.addAll(List.of("tools", "busybox", "sleep", "1000"));
    return cli.pinnace(command.toArray(String[]::new)).line();
  }

  @Test
  void links_areMade_andShown() {
    assertThat(start("db", "--network", "bridge", "--expose", "5432", "-e", "A=b")).hasSize(64);
    String web = start("web", "--network", "bridge", "--link", "db:base", "--link", "db");
    try (Pinnace pinnace = PLACE.open()) {
      assertThat(pinnace.containers().get("web").execute("busybox", "env").stdout().lines())
          .contains("BASE_ENV_A=b", "DB_NAME=/web/db", "BASE_PORT_5432_TCP_PROTO=tcp");
    }
    assertThat(cli.pinnace("exec", "web", "busybox", "ping", "-c", "1", "base").code()).isZero();
    String shown = "{{json .HostConfig.Links}} {{json .NetworkSettings.Networks.bridge.Links}}";
    assertThat(cli.pinnace("inspect", "-f", shown, "web").line())
        .isEqualTo("[\"/db:/web/base\",\"/db:/web/db\"] []");
    assertThat(cli.pinnace("ps", "-q", "--no-trunc", "--filter", "name=web").line()).isEqualTo(web);
    assertThat(cli.pinnace("rm", "-f", "db").code()).isZero();
    assertThat(cli.pinnace("inspect", "-f", "{{json .HostConfig.Links}}", "web").line())
        .isEqualTo("[]");
  }

  @Test
  void links_inOtherNetworks_alsoByConnect() {
    assertThat(cli.pinnace("network", "create", "net").code()).isZero();
    assertThat(cli.pinnace("network", "create", "other").code()).isZero();
    assertThat(start("db", "--network", "net", "--network", "other")).hasSize(64);
    assertThat(start("web", "--network", "net", "--link", "db:base")).hasSize(64);
    assertThat(cli.pinnace("network", "connect", "--link", "db:second", "other", "web").code())
        .isZero();
    for (String name : List.of("base", "second")) {
      assertThat(cli.pinnace("exec", "web", "busybox", "ping", "-c", "1", name).code()).isZero();
    }
    String shown = "{{json .NetworkSettings.Networks.net.Links}} {{json .HostConfig.Links}}";
    assertThat(cli.pinnace("inspect", "-f", shown, "web").line()).isEqualTo("[\"db:base\"] []");
    assertThat(cli.pinnace("network", "connect", "--link", "db", "bridge", "web").err())
        .contains("these are made with the container");
  }
}
