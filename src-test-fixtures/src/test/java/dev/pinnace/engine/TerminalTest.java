package dev.pinnace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pinnace.Attachment;
import dev.pinnace.Container;
import dev.pinnace.Exec;
import dev.pinnace.Pinnace;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.ContainerSpecBuilder;
import dev.pinnace.spec.ContainerStatus;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.RunOptions;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.TerminalSize;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Containers and execs with a terminal, and those who are attached. */
class TerminalTest extends EngineFixture {
  /** What was seen, and what is typed. */
  private static final class Screen {
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final PipedOutputStream keys = new PipedOutputStream();
    private final PipedInputStream typed;

    Screen() {
      try {
        typed = new PipedInputStream(keys);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    synchronized void show(byte[] piece) {
      seen.writeBytes(piece);
    }

    synchronized String text() {
      return seen.toString(StandardCharsets.UTF_8);
    }

    void await(String text) {
      try {
        eventually(() -> cutTo(text));
      } catch (AssertionError e) {
        throw new AssertionError("no \"" + text + "\" in: " + text(), e);
      }
    }

    /** What comes after {@code text} may be there already, and somebody may wait for it next. */
    private synchronized boolean cutTo(String text) {
      int at = text().indexOf(text);
      if (at < 0) {
        return false;
      }
      byte[] rest = text().substring(at + text.length()).getBytes(StandardCharsets.UTF_8);
      seen.reset();
      seen.writeBytes(rest);
      return true;
    }

    void type(String text) {
      try {
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    AttachOptions options() {
      return AttachOptions.DEFAULTS.withStdin(typed);
    }
  }

  private static ContainerSpecBuilder onTerminal(String script) {
    return shell(script).terminal().stdinOpen().detached();
  }

  private static Attachment attach(Container container, Screen screen) {
    return container.attach(screen.options(), screen::show, screen::show);
  }

  /** It would wait for ever in a pipe that nobody reads. */
  @Test
  void inputOfAnAttachment_whereTheStarterFeedsTheContainer_isRefused() throws Exception {
    Container container = engine.containers().create(shell("busybox cat").stdinOpen());
    try (PipedOutputStream typed = new PipedOutputStream();
        PipedInputStream stdin = new PipedInputStream(typed)) {
      Thread starter = new Thread(() -> container.startAttached(stdin, piece -> {}, piece -> {}));
      starter.start();
      eventually(() -> container.inspect().status() == ContainerStatus.RUNNING);
      AttachOptions fed =
          new AttachOptions(Optional.of(InputStream.nullInputStream()), Optional.empty());
      assertThatThrownBy(() -> container.attach(fed, piece -> {}, piece -> {}))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("attach without input (--no-stdin)");
      container.kill(Signal.KILL);
      starter.join();
    }
    container.remove(true);
  }

  @Test
  void shell_hasJobControl_keys_andTheSizeThatItIsGiven() {
    Container container =
        engine.containers().create(onTerminal("exec busybox sh -i").env("PS1", "\\$ "));
    Screen screen = new Screen();
    try (Attachment attachment =
        container.startAttached(
            screen.options().withSize(new TerminalSize(31, 97)), screen::show, screen::show)) {
      screen.type("busybox stty size; busybox tty; echo $TERM; busybox test -t 1 && echo yes\n");
      screen.await("31 97\r\n/dev/pts/0\r\nxterm\r\nyes\r\n");
      attachment.resize(new TerminalSize(40, 100));
      screen.type("busybox stty size\n");
      screen.await("40 100\r\n");
      screen.type("echo >/dev/console shown; echo >/dev/tty too\n");
      screen.await("shown\r\ntoo\r\n");
      screen.type("busybox sleep 1000\n");
      eventually(() -> sleeps(container));
      screen.type("\u001a");
      screen.await("Stopped");
      screen.type("fg\n");
      eventually(() -> goesOn(container));
      screen.type("\u0003");
      screen.type("echo code $?\n");
      screen.await("code 130");
      screen.type("exit 7\n");
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
    assertThat(container.await().code()).isEqualTo(7);
    assertThat(container.logs().text()).contains("40 100").contains("code 130");
    assertThat(container.inspect().spec().process().terminal()).isTrue();
  }

  /** The shell gives it the terminal before it lets it go on. */
  private static boolean goesOn(Container container) {
    return container.top().stream()
        .anyMatch(p -> p.command().contains("sleep 1000") && p.state() != 'T');
  }

  private static boolean sleeps(Container container) {
    return container.top().stream().anyMatch(p -> p.command().contains("sleep 1000"));
  }

  @Test
  void init_leavesTheTerminalToTheProgram() {
    Container container = engine.containers().create(onTerminal("exec busybox sh -i").init());
    Screen screen = new Screen();
    try (Attachment attachment =
        container.startAttached(screen.options(), screen::show, screen::show)) {
      screen.type("busybox sleep 1000\n");
      eventually(() -> sleeps(container));
      screen.type("\u0003");
      screen.type("echo code $?\n");
      screen.await("code 130");
      screen.type("exit 6\n");
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
    assertThat(container.await().code()).isEqualTo(6);
  }

  @Test
  void twoAttachments_seeTheSame_andLeaveWithoutTheContainer() {
    Container container = engine.containers().start(onTerminal("exec busybox cat"));
    Screen first = new Screen();
    Screen second = new Screen();
    try (Attachment one = attach(container, first);
        Attachment two = attach(container, second)) {
      first.type("one\n");
      first.await("one\r\none\r\n");
      second.await("one\r\none\r\n");
      one.close();
      assertThat(one.await()).isEqualTo(Detachment.CLOSED);
      second.type("two\n");
      second.await("two\r\ntwo\r\n");
      assertThat(first.text()).isEmpty();
      container.kill(Signal.KILL);
      assertThat(two.await()).isEqualTo(Detachment.ENDED);
    }
  }

  @Test
  void anotherEngine_attachesToo_andTheFirstMayBeClosed() {
    Container container = engine.containers().start(onTerminal("exec busybox cat"));
    Screen first = new Screen();
    try (Pinnace other = engine()) {
      Attachment gone = attach(other.containers().get(container.name()), first);
      first.type("one\n");
      first.await("one\r\none\r\n");
      other.close();
      assertThat(gone.await()).isEqualTo(Detachment.CLOSED);
    }
    Screen second = new Screen();
    try (Attachment attachment = attach(container, second)) {
      second.type("two\n");
      second.await("two\r\ntwo\r\n");
    }
  }

  @Test
  void whoReadsNothing_isDetached_andTheContainerGoesOn() {
    Container container =
        engine
            .containers()
            .create(
                shell("busybox head -c 10000000 /dev/zero; echo over; exec busybox sleep 1000")
                    .terminal()
                    .detached());
    CountDownLatch reading = new CountDownLatch(1);
    try (Attachment attachment =
        container.startAttached(
            AttachOptions.DEFAULTS,
            piece -> {
              try {
                reading.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            piece -> {})) {
      eventually(() -> container.logs().text().contains("over"));
      reading.countDown();
      assertThat(attachment.await()).isEqualTo(Detachment.LAGGED);
    }
    Screen again = new Screen();
    try (Attachment attachment =
        container.attach(AttachOptions.DEFAULTS, again::show, again::show)) {
      container.kill(Signal.KILL);
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
  }

  @Test
  void attachments_lastOverRestarts() {
    Container container =
        engine
            .containers()
            .create(
                onTerminal("echo ready; read line; echo \"got $line\"")
                    .restart(RestartPolicy.always()));
    Screen screen = new Screen();
    try (Attachment attachment =
        container.startAttached(screen.options(), screen::show, screen::show)) {
      screen.await("ready\r\n");
      screen.type("one\n");
      screen.await("got one\r\nready\r\n");
      screen.type("two\n");
      screen.await("got two\r\n");
      container.kill(Signal.KILL);
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
  }

  @Test
  void withoutATerminal_streamsAreApart_andInputIsWhatIsSent() {
    Container container =
        engine
            .containers()
            .start(shell("while read x; do echo \"$x\"; echo \"!$x\" >&2; done").stdinOpen());
    Screen out = new Screen();
    Screen err = new Screen();
    try (Attachment attachment = container.attach(out.options(), out::show, err::show)) {
      out.type("one\n");
      out.await("one\n");
      err.await("!one\n");
    }
    assertThat(container.inspect().status().isAlive()).isTrue();
    container.kill(Signal.KILL);
  }

  @Test
  void endOfAnInput_leavesTheContainersOpen_forOthers() {
    Container container = engine.containers().start(shell("exec busybox cat").stdinOpen());
    Screen first = new Screen();
    Screen second = new Screen();
    InputStream one = new ByteArrayInputStream("one\n".getBytes(StandardCharsets.UTF_8));
    try (Attachment over =
            container.attach(AttachOptions.DEFAULTS.withStdin(one), first::show, first::show);
        Attachment other = attach(container, second)) {
      first.await("one\n");
      second.type("two\n");
      first.await("two\n");
      container.kill(Signal.KILL);
      assertThat(over.await()).isEqualTo(Detachment.ENDED);
    }
  }

  @Test
  void endOfAnInput_isTheContainers_whereThatIsForOne() {
    Container container =
        engine.containers().start(shell("busybox cat; echo over; exit 5").stdinOnce());
    Screen screen = new Screen();
    InputStream one = new ByteArrayInputStream("one\n".getBytes(StandardCharsets.UTF_8));
    try (Attachment attachment =
        container.attach(AttachOptions.DEFAULTS.withStdin(one), screen::show, screen::show)) {
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
    assertThat(screen.text()).isEqualTo("one\nover\n");
    assertThat(container.await().code()).isEqualTo(5);
  }

  @Test
  void interruptedAwait_isNotTheEnd_andResizeAfterThatDoesNothing() {
    Container container = engine.containers().start(onTerminal("exec busybox cat"));
    Screen screen = new Screen();
    try (Attachment attachment = attach(container, screen)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(attachment::await).isInstanceOf(CancelledException.class);
      assertThat(Thread.interrupted()).isTrue();
      screen.type("one\n");
      screen.await("one\r\none\r\n");
      container.kill(Signal.KILL);
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
      attachment.resize(new TerminalSize(1, 1));
    }
  }

  @Test
  void exec_isKilled_andLeftAloneOnceItHasEnded() {
    Container container = engine.containers().start(waiting());
    Screen screen = new Screen();
    ExecSpec spec = ExecSpec.of("busybox", "sleep", "1000").withTerminal();
    try (Exec exec = container.exec(spec, AttachOptions.DEFAULTS, screen::show, screen::show)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(exec::await).isInstanceOf(CancelledException.class);
      assertThat(Thread.interrupted()).isTrue();
      exec.kill(Signal.TERM);
      assertThat(exec.await()).isEqualTo(143);
      exec.resize(new TerminalSize(1, 1));
      assertThatThrownBy(() -> exec.kill(Signal.TERM))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("has ended");
    }
  }

  @Test
  void consumerThatFails_isDetached() {
    Container container = engine.containers().start(onTerminal("exec busybox cat"));
    Screen screen = new Screen();
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> uncaught.add(failure));
    try {
      try (Pinnace other = engine()) { // once it is closed no thread of its can complain
        Attachment attachment =
            other
                .containers()
                .get(container.name())
                .attach(
                    screen.options(),
                    piece -> {
                      throw new IllegalStateException("a consumer's mistake");
                    },
                    piece -> {});
        screen.type("x\n");
        assertThatThrownBy(attachment::await).hasMessage("a consumer's mistake");
      }
      assertThat(uncaught).isEmpty();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(container.inspect().status().isAlive()).isTrue();
  }

  @Test
  void user_ownsTheTerminal() {
    Container container =
        engine
            .containers()
            .create(
                shell("busybox stat -c '%u %a' $(busybox tty); echo $(busybox tty)")
                    .terminal()
                    .user("1000:1000"));
    Screen screen = new Screen();
    try (Attachment attachment =
        container.startAttached(AttachOptions.DEFAULTS, screen::show, screen::show)) {
      assertThat(attachment.await()).isEqualTo(Detachment.ENDED);
    }
    assertThat(screen.text()).isEqualTo("1000 620\r\n/dev/pts/0\r\n");
  }

  @Test
  void userNamespace_hasATerminalToo() {
    Container container =
        engine
            .containers()
            .start(
                onTerminal("busybox stty size; echo ready; exec busybox cat")
                    .userMap(200_000, 200_000, 1000));
    eventually(() -> container.logs().text().contains("ready"));
    Screen screen = new Screen();
    try (Attachment attachment = attach(container, screen)) {
      screen.type("one\n");
      screen.await("one\r\none\r\n");
    }
    assertThat(
            container.execute(ExecSpec.of("busybox", "tty").withTerminal().withUser("7")).stdout())
        .isEqualTo("/dev/pts/1\n".replace("\n", "\r\n"));
  }

  @Test
  void exec_hasATerminalOfItsOwn() {
    Container container = engine.containers().start(waiting());
    Screen screen = new Screen();
    ExecSpec spec = ExecSpec.of("busybox", "sh", "-i").withTerminal();
    try (Exec exec =
        container.exec(
            spec,
            screen.options().withSize(new TerminalSize(20, 50)),
            screen::show,
            screen::show)) {
      screen.type("busybox stty size; busybox tty\n");
      screen.await("20 50\r\n/dev/pts/0\r\n");
      exec.resize(new TerminalSize(21, 51));
      screen.type("busybox stty size; busybox sleep 1000\n");
      screen.await("21 51\r\n");
      eventually(() -> sleeps(container));
      screen.type("\u0003");
      screen.type("busybox sleep 1000 &\n");
      screen.type("exit 5\n");
      assertThat(exec.await()).isEqualTo(5);
    }
  }

  @Test
  void exec_thatIsClosed_isHungUp() {
    Container container = engine.containers().start(waiting());
    Screen screen = new Screen();
    ExecSpec spec = ExecSpec.of("busybox", "sleep", "1000").withTerminal();
    try (Exec exec = container.exec(spec, AttachOptions.DEFAULTS, screen::show, screen::show)) {
      eventually(() -> sleeps(container));
      exec.close();
      assertThat(exec.await()).isEqualTo(129);
    }
  }

  @Test
  void exec_thatIsClosedWhileItsInputIsAwaited_isHungUp() {
    Container container = engine.containers().start(waiting());
    Screen screen = new Screen();
    ExecSpec spec = ExecSpec.of("busybox", "sleep", "1000").withTerminal();
    try (Exec exec = container.exec(spec, screen.options(), screen::show, screen::show)) {
      eventually(() -> sleeps(container));
      exec.close();
      assertThat(exec.await()).isEqualTo(129);
    }
  }

  @Test
  void exec_whoseConsumerFails_isHungUp() {
    Container container = engine.containers().start(waiting());
    Screen screen = new Screen();
    ExecSpec spec = ExecSpec.of("busybox", "cat").withTerminal();
    try (Exec exec =
        container.exec(
            spec,
            screen.options(),
            piece -> {
              throw new IllegalStateException("a consumer's mistake");
            },
            piece -> {})) {
      screen.type("x\n");
      assertThatThrownBy(exec::await).hasMessage("a consumer's mistake");
    }
  }

  @Test
  void consumerThatIsSlow_getsAllThatTheExecHasWritten() {
    Container container = engine.containers().start(waiting());
    AtomicInteger count = new AtomicInteger();
    Consumer<byte[]> slow = slowlyCounting(count);
    ExecSpec few = ExecSpec.of("busybox", "head", "-c", "20000", "/dev/zero").withTerminal();
    try (Exec exec = container.exec(few, AttachOptions.DEFAULTS, slow, slow)) {
      assertThat(exec.await()).isZero();
    }
    assertThat(count).hasValue(20_000);
    assertThat(container.execute(few, slow, slow)).isZero();
    assertThat(count).hasValue(40_000);
    ExecSpec many = ExecSpec.of("busybox", "head", "-c", "200000", "/dev/zero");
    try (Exec exec = container.exec(many, AttachOptions.DEFAULTS, slow, slow)) {
      assertThat(exec.await()).isZero();
    }
    assertThat(count).hasValue(240_000);
  }

  /** It takes longer for a piece than is waited for further ones. */
  private static Consumer<byte[]> slowlyCounting(AtomicInteger count) {
    return piece -> {
      try {
        Thread.sleep(600);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      count.addAndGet(piece.length);
    };
  }

  @Test
  void exec_whereSomethingIsMountedOverTheTerminals_isRefused() {
    Container container =
        engine
            .containers()
            .start(
                shell("busybox mount -t tmpfs none /dev/pts; echo ready; exec busybox sleep 1000")
                    .privileged());
    ready(container);
    assertThatThrownBy(() -> container.execute(ExecSpec.of("busybox", "tty").withTerminal()))
        .hasMessageContaining("check that the container's /dev/pts has terminals: ENOTTY");
  }

  @Test
  void whatDoesNotGoTogether_isRefused() {
    RunOptions fed = RunOptions.DEFAULT.withStdin(new byte[] {'x'});
    assertThatThrownBy(() -> engine.containers().run(shell("read x").terminal(), fed))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("AttachOptions");
    Container closed = engine.containers().start(shell("exec busybox sleep 1000").terminal());
    Screen screen = new Screen();
    assertThatThrownBy(() -> attach(closed, screen))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining("standard input open");
    closed.kill(Signal.KILL);
    closed.await();
    assertThatThrownBy(() -> attach(closed, screen)).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> closed.startAttached(new byte[0], p -> {}, p -> {}))
        .isInstanceOf(InvalidSpecException.class)
        .hasMessageContaining("AttachOptions");
  }
}
