package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.Pinnace;
import dev.pinnace.internal.isolation.IsolationBackends;
import dev.pinnace.spi.isolation.IsolationBackendProvider;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Engines that come and go do not disturb one that works. */
class OpenCloseTest extends EngineFixture {
  private static final int RUNS = 60;
  private static final int OTHERS = 2;

  @Test
  void run_whileOthersOpenAndClose_alwaysWorks() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    IsolationOptions options =
        new IsolationOptions(root(), Cgroups.base(root()).getFileName().toString());
    ExecutorService threads = Executors.newFixedThreadPool(OTHERS);
    try {
      List<CompletableFuture<Integer>> others = new ArrayList<>();
      for (int i = 0; i < OTHERS; i++) {
        others.add(CompletableFuture.supplyAsync(() -> openAndClose(options, enough), threads));
      }
      for (int i = 0; i < RUNS; i++) {
        assertThat(engine.containers().run(shell("echo " + i)).stdout()).isEqualTo(i + "\n");
      }
      enough.set(true);
      for (CompletableFuture<Integer> other : others) {
        assertThat(other.get(60, TimeUnit.SECONDS)).isPositive();
      }
    } finally {
      enough.set(true);
      threads.shutdown();
    }
  }

  /**
   * Opens and closes what an engine has in the kernel; how often. Whole engines would recover
   * containers too, which is not what this is about.
   */
  private static int openAndClose(IsolationOptions options, AtomicBoolean enough) {
    IsolationBackendProvider linux =
        IsolationBackends.discover(OpenCloseTest.class.getClassLoader()).choose("linux");
    int times = 0;
    while (!enough.get()) {
      linux.open(options).close();
      times++;
    }
    return times;
  }

  @Test
  void close_ofTheLastEngine_removesTheCgroups() throws Exception {
    Pinnace other = engine();
    engine.close();
    assertThat(echo(other)).isEqualTo("still here\n");
    other.close();
    assertThat(Cgroups.base(root())).doesNotExist();
    engine = engine();
  }

  private static String echo(Pinnace other) {
    return other.containers().run(shell("echo still here")).stdout();
  }
}
