package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Container;
import dev.pinnace.fixtures.leaks.Leftovers;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Inode;
import dev.pinnace.linux.net.relay.RelayClient;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.NetworkFilter;
import dev.pinnace.spec.NetworkState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests with networks: the host is as it was after any of them, and no router is left. */
abstract class NetworkFixture extends EngineFixture {
  private List<String> before = List.of();

  @BeforeEach
  void lookAtHost() {
    before = host();
  }

  @AfterEach
  void removeNetworks() {
    Leftovers.remove(engine);
    eventually(
        () -> {
          engine.networks().prune(NetworkFilter.all());
          return engine.networks().list(NetworkFilter.all().predefined(false)).isEmpty();
        });
    assertThat(host()).isEqualTo(before);
    eventually(() -> relays() == 0);
  }

  /** How many relays this root has: none or one. */
  static int relays() {
    Path door = engineRun().resolve("router.sock");
    try (RelayClient client = RelayClient.connect(door.toString())) {
      return client.state().mostFlows() > 0 ? 1 : 0;
    } catch (ErrnoException none) {
      return 0;
    }
  }

  /** Where the engine has its locks: the one directory of its run directory. */
  private static Path engineRun() {
    try {
      return children(runDirectory()).stream().filter(Files::isDirectory).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the one process that is in the router's namespace: a part of the relay. */
  static void killRouter() {
    String router;
    try (RelayClient client = RelayClient.connect(engineRun().resolve("router.sock").toString());
        Fd namespace = client.networkNamespace()) {
      router = "net:[" + Inode.stat(namespace).inode() + "]";
    }
    ProcessHandle inside =
        ProcessHandle.allProcesses()
            .filter(process -> namespace(process.pid()).equals(router))
            .findFirst()
            .orElseThrow();
    inside.destroyForcibly();
    eventually(() -> relays() == 0);
  }

  private static String namespace(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
    } catch (IOException gone) {
      return "";
    }
  }

  /** Interfaces, addresses, routes, rules and settings of the host's own network. */
  static List<String> host() {
    List<String> all = new ArrayList<>();
    all.addAll(lines("ip", "-o", "link"));
    all.addAll(lines("ip", "-o", "address"));
    all.addAll(lines("ip", "route", "show", "table", "all"));
    all.addAll(lines("ip", "-6", "route", "show", "table", "all"));
    all.addAll(lines("ip", "rule"));
    all.addAll(lines("nft", "list", "ruleset"));
    all.addAll(lines("sysctl", "-a", "--pattern", "^net\\.(ipv4|ipv6|bridge)\\."));
    all.removeIf(line -> line.matches(".*(cache|expires|valid_lft|stat_refresh|_secret).*"));
    return all;
  }

  private static List<String> lines(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
      return text.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  NetworkState state(String network) {
    return engine.networks().get(network).inspect();
  }

  /** What a container has in a network. */
  String address(String network, String name) {
    return state(network).endpoints().stream()
        .filter(endpoint -> endpoint.name().equals(name))
        .findFirst()
        .orElseThrow()
        .address();
  }

  /** One that waits, in a network. */
  static ContainerSpecBuilder in(String network, String name) {
    return waiting().name(name).network(network);
  }

  /** What a script prints in a container. */
  static String shell(Container container, String script) {
    ExecResult result = container.execute("busybox", "sh", "-c", script);
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return result.stdout().strip();
  }

  /** Whether a packet comes back. */
  static boolean reaches(Container container, String name) {
    return container.execute("busybox", "ping", "-c", "1", "-W", "2", name).exitCode() == 0;
  }
}
