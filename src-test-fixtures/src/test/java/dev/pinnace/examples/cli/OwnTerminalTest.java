package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.tty.PtyPair;
import dev.pinnace.linux.tty.Tty;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A terminal is given back however the JVM ends. */
class OwnTerminalTest {
  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0x100;

  private final PtyPair pair = PtyPair.open();
  private Fd slave;
  private Tty tty;

  @BeforeEach
  void open() {
    try (Dir terminals = Dir.open(Path.of("/dev/pts"))) {
      slave = terminals.open(Integer.toString(pair.number()), O_RDWR | O_NOCTTY, 0);
    }
    tty = Tty.of(slave.number()).orElseThrow();
  }

  @AfterEach
  void close() {
    slave.close();
    pair.close();
  }

  private boolean isCooked() throws Exception {
    Process stty = new ProcessBuilder("stty", "-a").redirectInput(pair.path().toFile()).start();
    String flags = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return List.of(flags.split("\\s+", -1)).contains("icanon");
  }

  private static void end(Thread hook) {
    hook.start();
    try {
      hook.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatCannotBeGivenBack_isNotGivenAway() throws Exception {
    try (OwnTerminal own = OwnTerminal.give(false)) {
      assertThatThrownBy(
              () ->
                  own.give(
                      tty,
                      hook -> {
                        throw new IllegalStateException("the JVM is about to end");
                      }))
          .hasMessageContaining("about to end");
      assertThat(isCooked()).isTrue();
    }
  }

  @Test
  void endOfTheJvm_givesItBack() throws Exception {
    List<Thread> hooks = new ArrayList<>();
    try (OwnTerminal own = OwnTerminal.give(false)) {
      own.give(tty, hooks::add);
      assertThat(isCooked()).isFalse();
      end(hooks.get(0));
      assertThat(isCooked()).isTrue();
    }
  }

  @Test
  void endOfTheJvm_beforeItIsGivenAway_keepsIt() throws Exception {
    try (OwnTerminal own = OwnTerminal.give(false)) {
      own.give(tty, OwnTerminalTest::end);
      assertThat(isCooked()).isTrue();
    }
  }

  @Test
  void close_givesItBack() throws Exception {
    try (OwnTerminal own = OwnTerminal.give(false)) {
      own.give(tty, Runtime.getRuntime()::addShutdownHook);
      assertThat(isCooked()).isFalse();
    }
    assertThat(isCooked()).isTrue();
  }
}
