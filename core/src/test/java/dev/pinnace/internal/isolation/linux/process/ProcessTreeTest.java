package dev.pinnace.internal.isolation.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessTreeTest {
  private static final String SLEEPER = "sleep 600 </dev/null >/dev/null 2>&1";

  private final List<ProcessHandle> begun = new ArrayList<>();

  @AfterEach
  void end() {
    begun.forEach(ProcessHandle::destroyForcibly);
  }

  /** The first process of a session of its own; the numbers that the script prints come too. */
  private List<Long> session(String script) throws IOException {
    Process process =
        new ProcessBuilder("setsid", "sh", "-c", "echo $$; " + script)
            .redirectInput(new File("/dev/null"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    begun.add(process.toHandle());
    List<Long> pids = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); !"".equals(line); line = out.readLine()) {
        pids.add(Long.valueOf(line));
        ProcessHandle.of(pids.get(pids.size() - 1)).ifPresent(begun::add);
      }
    }
    return pids;
  }

  private static boolean lives(long pid) {
    return new ProcReader(java.nio.file.Path.of("/proc"))
        .stat(pid)
        .filter(stat -> !stat.hasEnded())
        .isPresent();
  }

  private static void assertEnded(long pid) throws InterruptedException {
    while (lives(pid)) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static OptionalInt leader(List<Long> session) {
    return OptionalInt.of(session.get(0).intValue());
  }

  @Test
  void kill_itsSessionAndItsDescendants_andNobodyElse() throws Exception {
    List<Long> first = session(SLEEPER + " & echo $!; echo; wait");
    List<Long> tree =
        session(SLEEPER + " & echo $!; setsid sh -c 'echo $$; echo; exec " + SLEEPER + "' & wait");
    List<Long> other = session("echo; exec " + SLEEPER);
    Set<Long> container = new HashSet<>();
    List.of(first, tree, other).forEach(container::addAll);
    ProcessTree.kill(leader(tree), Set.of(), first.get(0), () -> container);
    assertThat(tree).hasSize(3);
    for (long pid : tree) {
      assertEnded(pid);
    }
    assertThat(first).hasSize(2).allMatch(ProcessTreeTest::lives);
    assertThat(other).allMatch(ProcessTreeTest::lives);
  }

  @Test
  void kill_whatIsInNoContainer_isLeftAlone() throws Exception {
    List<Long> tree = session(SLEEPER + " & echo $!; echo; wait");
    ProcessTree.kill(leader(tree), Set.of(), 1, () -> Set.of(tree.get(0)));
    assertEnded(tree.get(0));
    assertThat(lives(tree.get(1))).isTrue();
  }

  /** Else they would be stopped for ever. */
  @Test
  void kill_thatCannotGoOn_killsWhatItHasStopped() throws Exception {
    List<Long> tree = session(SLEEPER + " & echo $!; echo; wait");
    Iterator<Set<Long>> looks = List.<Set<Long>>of(new HashSet<>(tree)).iterator();
    Supplier<Set<Long>> container =
        () -> {
          if (looks.hasNext()) {
            return looks.next();
          }
          throw new UncheckedIOException(new IOException("too many open files"));
        };
    assertThatThrownBy(() -> ProcessTree.kill(leader(tree), Set.of(), 1, container))
        .isInstanceOf(UncheckedIOException.class);
    for (long pid : tree) {
      assertEnded(pid);
    }
  }
}
