package dev.pinnace.security;

import dev.pinnace.Container;
import dev.pinnace.Pinnace;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.linux.file.MountInfo;
import dev.pinnace.linux.file.Mounts;
import dev.pinnace.spec.ContainerSpec;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.Mount;
import dev.pinnace.spec.Propagation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What {@link PropagationTest} runs in a mount namespace of its own, which is the host to the
 * containers: with a mount that is shared, mounts below it, and what is seen of them.
 */
final class PropagationHost {
  private static final String IMAGE = "localhost/busy";
  private static final long MS_SHARED = 1 << 20;

  private final Pinnace pinnace;
  private final Path shared;

  private PropagationHost(Pinnace pinnace, Path shared) {
    this.pinnace = pinnace;
    this.shared = shared;
  }

  /** A directory for root, run directory and the shared mount. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]);
    Path shared = Files.createDirectory(directory.resolve("shared"));
    tmpfs(shared);
    Mounts.mount("none", shared, null, MS_SHARED, null);
    tmpfs(Files.createDirectory(shared.resolve("nested")));
    Files.writeString(shared.resolve("nested/mark"), "nested\n");
    Files.createDirectory(directory.resolve("private"));
    try (Pinnace pinnace =
        Pinnace.builder()
            .root(directory.resolve("root"))
            .runDirectory(directory.resolve("run"))
            .open()) {
      pinnace.images().host("busybox").named(IMAGE).build();
      PropagationHost host = new PropagationHost(pinnace, shared);
      for (Propagation mode : Propagation.values()) {
        host.propagate(mode.word(), mode, spec -> spec.privileged());
      }
      host.propagate(
          "mapped rslave", Propagation.RSLAVE, spec -> spec.userMap(200_000, 200_000, 65_536));
      host.readOnly();
      host.refused(directory.resolve("private"));
      host.linkIntoAShared();
    }
  }

  private static void tmpfs(Path at) {
    Mounts.mount("tmpfs", at, "tmpfs", 0, "size=1m,mode=755");
  }

  private static ContainerSpecBuilder sleeper() {
    return ContainerSpec.image(IMAGE).command("busybox", "sleep", "600");
  }

  private static ExecResult shell(Container container, String script) {
    return container.execute("busybox", "sh", "-c", script);
  }

  private Mount bind() {
    return Mount.bind(shared).at("/s");
  }

  private void propagate(String name, Propagation mode, UnaryOperator<ContainerSpecBuilder> more)
      throws IOException {
    List<String> before = table();
    ContainerSpecBuilder spec = more.apply(sleeper().mount(bind().propagation(mode)));
    try (var container = pinnace.containers().scoped(spec)) {
      System.out.println(name + ": unchanged by the start " + before.equals(table()));
      Path late = Files.createDirectory(shared.resolve("late"));
      tmpfs(late);
      Files.writeString(late.resolve("mark"), "late\n");
      System.out.println(
          name + ": host's mount inside " + (shell(container, "cat /s/late/mark").exitCode() == 0));
      ExecResult made =
          shell(container, "mkdir -p /s/in && busybox mount -t tmpfs x /s/in && : > /s/in/mark");
      System.out.println(
          name
              + ": container's mount "
              + (made.exitCode() == 0 ? "" : "not ")
              + "made, on the host "
              + Files.exists(shared.resolve("in/mark")));
      Mounts.unmount(late, 0);
      System.out.println(
          name + ": gone inside " + (shell(container, "cat /s/late/mark").exitCode() != 0));
      Files.delete(late);
    }
    if (Files.exists(shared.resolve("in/mark"))) {
      Mounts.unmount(shared.resolve("in"), 0);
    }
    Files.deleteIfExists(shared.resolve("in"));
    System.out.println(name + ": nothing left " + before.equals(table()));
  }

  private void readOnly() {
    String script =
        "(: > /s/x) 2>/dev/null && echo -n 'top written, ';"
            + "(: > /s/nested/x) 2>/dev/null && echo -n 'nested written, ';"
            + "busybox cat /s/nested/mark 2>/dev/null || echo none; busybox rm -f /s/x /s/nested/x";
    Map<String, Mount> mounts = new LinkedHashMap<>();
    mounts.put("plain", bind());
    mounts.put("read-only", bind().asReadOnly());
    mounts.put("at the top", bind().asReadOnlyAtTop());
    mounts.put("alone", bind().nonRecursive());
    mounts.put("alone, read-only", bind().nonRecursive().asReadOnly());
    mounts.put("slave, read-only", bind().propagation(Propagation.RSLAVE).asReadOnly());
    mounts.put("slave, at the top", bind().propagation(Propagation.RSLAVE).asReadOnlyAtTop());
    mounts.put("owned", bind().ownedBy(1000, 1000));
    mounts.forEach(
        (name, mount) -> {
          ContainerSpecBuilder spec =
              ContainerSpec.image(IMAGE).command("busybox", "sh", "-c", script).mount(mount);
          System.out.print("written, " + name + ": " + pinnace.containers().run(spec).stdout());
        });
  }

  private void refused(Path alone) {
    for (ContainerSpecBuilder spec :
        List.of(
            sleeper().mount(Mount.bind(alone).at("/s").propagation(Propagation.RSLAVE)),
            sleeper()
                .mount(bind().propagation(Propagation.RSHARED))
                .userMap(200_000, 200_000, 65_536))) {
      try {
        pinnace.containers().create(spec).remove(true);
        System.out.println("not refused");
      } catch (PinnaceException refusal) {
        System.out.println("refused: " + refusal.getMessage());
      }
    }
  }

  /** A link of the image must not lead another mount onto the host. */
  private void linkIntoAShared() throws IOException {
    String image =
        new HostileImage()
            .symlink("link", "/s/nested")
            .load(pinnace, shared.resolve(".."), "into-shared");
    List<String> before = table();
    ContainerSpecBuilder spec =
        ContainerSpec.image(image)
            .command("/probe", "descriptors")
            .mount(bind().propagation(Propagation.RSHARED))
            .mount(Mount.tmpfs().at("/link/below"));
    int code = pinnace.containers().run(spec).exitCode();
    System.out.println(
        "link: exit "
            + code
            + ", unchanged "
            + (before.equals(table()) && !Files.exists(shared.resolve("nested/below"))));
  }

  private static List<String> table() {
    return Mounts.list().stream().map(MountInfo::target).toList();
  }
}
