package dev.pinnace.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Two network namespaces with nothing but a veth between them; they go with their processes. */
final class Veth implements AutoCloseable {
  /** Takes one connection after the other, and forgets what comes; it has nothing to say. */
  static final String SERVER =
      "busybox sleep infinity |"
          + " while true; do busybox nc -l -p 5000 >/dev/null || exit 1; done";

  private static final String ADDRESS = "192.0.2.1";

  private final Process server;
  private final Process client;
  private final List<Process> further = new ArrayList<>();

  private Veth(Process server, Process client) {
    this.server = server;
    this.client = client;
  }

  /** Sends as much, for bash; again where nobody listens yet. */
  static String send(int mebibytes, String host) {
    return "until dd if=/dev/zero bs=1M count="
        + mebibytes
        + " 2>/dev/null >/dev/tcp/"
        + host
        + "/5000; do :; done 2>/dev/null";
  }

  static Veth make() throws IOException, InterruptedException {
    Veth veth =
        new Veth(apart("read ready && " + SERVER), apart("read ready && exec sleep infinity"));
    try {
      veth.connect();
    } catch (IOException | InterruptedException | RuntimeException e) {
      veth.close();
      throw e;
    }
    return veth;
  }

  /** {@code unshare} says when it is in its namespace. */
  private static Process apart(String script) throws IOException {
    Process process =
        new ProcessBuilder("unshare", "--net", "sh", "-c", "echo apart; " + script).start();
    if (process.getInputStream().read() != 'a') {
      throw new IllegalStateException("no network namespace can be made here, which takes root");
    }
    return process;
  }

  private void connect() throws IOException, InterruptedException {
    in(server, "ip link add veth0 type veth peer name veth0 netns " + client.pid());
    in(server, "ip addr add " + ADDRESS + "/30 dev veth0 && ip link set veth0 up");
    in(client, "ip addr add 192.0.2.2/30 dev veth0 && ip link set veth0 up");
    for (Process process : List.of(server, client)) {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    }
  }

  private static void in(Process process, String script) throws IOException, InterruptedException {
    command("prepare", process, script).run();
  }

  private static Command command(String name, Process process, String script) {
    return Command.of(
        name, "nsenter", "--net=/proc/" + process.pid() + "/ns/net", "bash", "-c", script);
  }

  /** Sends that much from one end to the other. */
  Contender sender(String name, int mebibytes) {
    return command(name, client, send(mebibytes, ADDRESS));
  }

  /** dnsmasq at one end, which knows one name; it goes with this. */
  void nameServer(String name) throws IOException {
    further.add(
        new ProcessBuilder(
                "nsenter",
                "--net=/proc/" + server.pid() + "/ns/net",
                "dnsmasq",
                "--keep-in-foreground",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--bind-interfaces",
                "--user=root",
                "--pid-file=",
                "--listen-address=" + ADDRESS,
                "--host-record=" + name + "," + ADDRESS)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** What asks it from the other end. */
  NameLoad names(String name) throws IOException {
    return NameLoad.of(Path.of("/proc/" + client.pid() + "/ns/net"), ADDRESS, name);
  }

  @Override
  public void close() {
    further.addAll(List.of(server, client));
    for (Process process : further) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
    }
  }
}
