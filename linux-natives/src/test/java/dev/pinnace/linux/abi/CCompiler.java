package dev.pinnace.linux.abi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The C compiler of an architecture, and what its headers say.
 *
 * @param command its program
 * @param directory for its files
 * @param headers what its programs include
 */
record CCompiler(String command, Path directory, String headers) {
  private static final String HEADERS =
      """
      #define _GNU_SOURCE
      #include <stddef.h>
      #include <stdio.h>
      #include <dirent.h>
      #include <elf.h>
      #include <errno.h>
      #include <fcntl.h>
      #include <net/if.h>
      #include <netinet/in.h>
      #include <sched.h>
      #include <signal.h>
      #include <spawn.h>
      #include <termios.h>
      #include <sys/epoll.h>
      #include <sys/eventfd.h>
      #include <sys/ioctl.h>
      #include <sys/mman.h>
      #include <sys/mount.h>
      #include <sys/prctl.h>
      #include <sys/resource.h>
      #include <sys/socket.h>
      #include <sys/stat.h>
      #include <sys/statfs.h>
      #include <sys/syscall.h>
      #include <sys/uio.h>
      #include <sys/un.h>
      #include <sys/wait.h>
      #include <linux/audit.h>
      #include <linux/bpf.h>
      #include <linux/capability.h>
      #include <linux/close_range.h>
      #include <linux/dqblk_xfs.h>
      #include <linux/fib_rules.h>
      #include <linux/filter.h>
      #include <linux/fs.h>
      #include <linux/keyctl.h>
      #include <linux/magic.h>
      #include <linux/memfd.h>
      #include <linux/mount.h>
      #include <linux/netfilter.h>
      #include <linux/netfilter/nf_tables.h>
      #include <linux/netfilter/nfnetlink.h>
      #include <linux/netlink.h>
      #include <linux/openat2.h>
      #include <linux/quota.h>
      #include <linux/rtnetlink.h>
      #include <linux/seccomp.h>
      #include <linux/sockios.h>
      #include <linux/veth.h>
      """;

  /**
   * The compiler for a machine, this one's own or a cross compiler. Without it the test is skipped,
   * or fails under {@code pinnace.strict}, which CI sets.
   */
  static CCompiler of(String machine, Path directory) {
    boolean own =
        System.getProperty("os.arch").equals(machine.equals("x86_64") ? "amd64" : machine);
    String command = own ? "cc" : machine + "-linux-gnu-gcc";
    boolean there =
        List.of(System.getenv("PATH").split(":", -1)).stream()
            .anyMatch(d -> Files.isExecutable(Path.of(d, command)));
    if (Boolean.getBoolean("pinnace.strict")) {
      assertThat(there).as("%s is there", command).isTrue();
    }
    assumeTrue(there, "needs " + command);
    return new CCompiler(command, directory, HEADERS);
  }

  /** The same with one header more, which need not be installed: then the test is skipped. */
  CCompiler including(Path header) {
    boolean there = Files.isRegularFile(header);
    if (Boolean.getBoolean("pinnace.strict")) {
      assertThat(there).as("%s is there", header).isTrue();
    }
    assumeTrue(there, "needs " + header);
    return new CCompiler(command, directory, headers + "#include \"" + header + "\"\n");
  }

  /** What a program of this machine prints for the expressions, by the Java name. */
  Map<String, Long> print(List<Claim> claims) throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder(headers).append("int main(void) {\n");
    claims.forEach(
        claim ->
            source.append(
                guarded(
                    claim,
                    "printf(\"%%s\\t%%lld\\n\", \"%s\", (long long) (%s));"
                        .formatted(claim.where(), claim.expression()))));
    source.append("}\n");
    Path program = directory.resolve("abi");
    assertThat(compile(source, "-o", program.toString())).isEmpty();
    Map<String, Long> values = new LinkedHashMap<>();
    for (String line : output(List.of(program.toString()))) {
      String[] parts = line.split("\t", 2);
      values.put(parts[0], Long.parseLong(parts[1]));
    }
    return values;
  }

  /** What the compiler says to a program that asserts every claim; nothing when all are true. */
  List<String> check(List<Claim> claims) throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder(headers);
    claims.forEach(
        claim ->
            source.append(
                guarded(
                    claim,
                    "_Static_assert((long long) (%s) == %dLL, \"%s\");"
                        .formatted(claim.expression(), claim.value(), claim.where()))));
    return compile(source, "-fsyntax-only");
  }

  private static String guarded(Claim claim, String line) {
    return claim.newer()
        ? "#ifdef " + claim.expression() + "\n" + line + "\n#endif\n"
        : line + "\n";
  }

  private List<String> compile(CharSequence source, String... options)
      throws IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("abi.c"), source);
    List<String> line = new ArrayList<>(List.of(command, "-std=gnu11", "-w", file.toString()));
    line.addAll(List.of(options));
    return output(line);
  }

  private static List<String> output(List<String> command)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = out.lines().toList();
      process.waitFor();
      return lines;
    }
  }
}
