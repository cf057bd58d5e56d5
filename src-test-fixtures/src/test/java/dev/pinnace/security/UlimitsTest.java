package dev.pinnace.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.fixtures.leaks.LeakCheck;
import dev.pinnace.fixtures.needs.Needs;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.Ulimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every limit of a process, as the program in the container has it. */
@Needs({"root", "gcc"})
class UlimitsTest {
  @RegisterExtension static final LeakCheck PLACE = new LeakCheck();

  private static final int CAP_SYS_RESOURCE = 24;

  /**
   * One of them.
   *
   * @param shown what /proc/PID/limits calls it
   * @param hard another than any host has by default
   */
  private record Limit(String name, String shown, long hard) {}

  private static final List<Limit> ALL =
      List.of(
          new Limit("core", "Max core file size", 1_000_001),
          new Limit("cpu", "Max cpu time", 1_002),
          new Limit("data", "Max data size", 1L << 40),
          new Limit("fsize", "Max file size", 1L << 41),
          new Limit("locks", "Max file locks", 777),
          new Limit("memlock", "Max locked memory", 60_000),
          new Limit("msgqueue", "Max msgqueue size", 500_003),
          new Limit("nice", "Max nice priority", 7),
          new Limit("nofile", "Max open files", 505),
          new Limit("nproc", "Max processes", 10_006),
          new Limit("rss", "Max resident set", 1L << 42),
          new Limit("rtprio", "Max realtime priority", 8),
          new Limit("rttime", "Max realtime timeout", 3_000_009),
          new Limit("sigpending", "Max pending signals", 910),
          new Limit("stack", "Max stack size", 4_194_304),
          new Limit("as", "Max address space", 1L << 43));

  private static boolean mayRaise() throws IOException {
    String set =
        Files.readString(Path.of("/proc/self/status"))
            .split("CapEff:\\s*", 2)[1]
            .split("\\s", 2)[0];
    return (Long.parseUnsignedLong(set, 16) >> CAP_SYS_RESOURCE & 1) == 1;
  }

  /** Soft and hard ones by what they are called there. */
  private static Map<String, List<String>> parsed(String limits) {
    return ALL.stream()
        .collect(
            Collectors.toMap(
                Limit::shown,
                limit ->
                    limits
                        .lines()
                        .filter(line -> line.startsWith(limit.shown() + " "))
                        .map(line -> line.substring(limit.shown().length()).strip())
                        .map(rest -> Arrays.asList(rest.split("\\s+", -1)).subList(0, 2))
                        .findFirst()
                        .orElseThrow()));
  }

  private static String hard(Map<String, List<String>> limits, Limit limit) {
    return Objects.requireNonNull(limits.get(limit.shown()), limit.name()).get(1);
  }

  /** Without CAP_SYS_RESOURCE a hard limit cannot be raised. */
  private static Function<Limit, Long> reachable() throws IOException {
    Map<String, List<String>> ours = parsed(Files.readString(Path.of("/proc/self/limits")));
    boolean raise = mayRaise();
    return limit -> {
      String hard = hard(ours, limit);
      return raise || hard.equals("unlimited")
          ? limit.hard()
          : Math.min(limit.hard(), Long.parseLong(hard));
    };
  }

  @Test
  @Tag("vm-too")
  void each_isThatOfTheProgram() throws IOException {
    ContainerSpecBuilder spec = Tools.container(PLACE.pinnace(), "cat", "/proc/self/limits");
    Function<Limit, Long> hard = reachable();
    for (Limit limit : ALL) {
      long most = hard.apply(limit);
      spec.ulimit(new Ulimit(limit.name(), Math.max(0, most - 1), most));
    }
    Map<String, List<String>> theirs = parsed(Tools.output(PLACE.pinnace(), spec));
    for (Limit limit : ALL) {
      long most = hard.apply(limit);
      assertThat(theirs.get(limit.shown()))
          .as(limit.name())
          .containsExactly(Long.toString(Math.max(0, most - 1)), Long.toString(most));
    }
  }

  @Test
  void each_canBeWithoutLimitWhereItIsOnTheHost() throws IOException {
    Map<String, List<String>> ours = parsed(Files.readString(Path.of("/proc/self/limits")));
    ContainerSpecBuilder spec = Tools.container(PLACE.pinnace(), "cat", "/proc/self/limits");
    List<Limit> unlimited = ALL.stream().filter(l -> hard(ours, l).equals("unlimited")).toList();
    assertThat(unlimited).as("a host without limits").isNotEmpty();
    unlimited.forEach(limit -> spec.ulimit(new Ulimit(limit.name(), -1, -1)));
    Map<String, List<String>> theirs = parsed(Tools.output(PLACE.pinnace(), spec));
    assertThat(unlimited)
        .allSatisfy(
            limit ->
                assertThat(theirs.get(limit.shown())).containsExactly("unlimited", "unlimited"));
  }
}
