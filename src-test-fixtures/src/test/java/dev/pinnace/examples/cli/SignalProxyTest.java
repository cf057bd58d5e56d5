package dev.pinnace.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pinnace.error.ConflictException;
import dev.pinnace.spec.Signal;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals that this JVM is sent in earnest. */
@Timeout(60)
class SignalProxyTest {
  private final AtomicInteger attempts = new AtomicInteger();
  private final BlockingQueue<Signal> passedOn = new LinkedBlockingQueue<>();

  private static void hangUp() throws Exception {
    send("HUP");
  }

  private static void send(String name) throws Exception {
    long self = ProcessHandle.current().pid();
    assertThat(new ProcessBuilder("kill", "-" + name, self + "").start().waitFor()).isZero();
  }

  private void acceptFrom(int attempt, Signal signal) {
    if (attempts.incrementAndGet() < attempt) {
      throw new ConflictException("it does not run yet");
    }
    passedOn.add(signal);
  }

  @Test
  @SuppressWarnings("try") // signals are passed on for as long as the block lasts
  void signalBeforeTheContainerRuns_isPassedOnOnceItDoes() throws Exception {
    try (SignalProxy proxy = SignalProxy.to(signal -> acceptFrom(3, signal))) {
      hangUp();
      assertThat(passedOn.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
    }
    assertThat(attempts).hasValue(3);
  }

  @Test
  @SuppressWarnings("try") // signals are passed on for as long as the block lasts
  void signalThatEndsNothing_isToldAfterASecond() throws Exception {
    BlockingQueue<Signal> unheeded = new LinkedBlockingQueue<>();
    try (SignalProxy proxy = SignalProxy.to(passedOn::add, unheeded::add)) {
      long start = System.nanoTime();
      hangUp();
      assertThat(unheeded.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
      hangUp();
      assertThat(passedOn.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
      assertThat(passedOn.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
    }
    assertThat(unheeded).as("the second is not told").isEmpty();
  }

  @Test
  void signalThatEndsIt_isNotTold() throws Exception {
    BlockingQueue<Signal> unheeded = new LinkedBlockingQueue<>();
    SignalProxy proxy = SignalProxy.to(passedOn::add, unheeded::add);
    hangUp();
    assertThat(passedOn.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
    proxy.close();
    assertThat(unheeded.poll(1500, TimeUnit.MILLISECONDS)).isNull();
  }

  /** Three would end this JVM if they were counted. */
  @Test
  @SuppressWarnings("try") // signals are passed on for as long as the block lasts
  void signalsThatTellSomething_arePassedOnHoweverManyCome() throws Exception {
    BlockingQueue<Signal> unheeded = new LinkedBlockingQueue<>();
    try (SignalProxy proxy = SignalProxy.to(passedOn::add, unheeded::add)) {
      for (String name : new String[] {"USR1", "WINCH", "CONT", "ALRM", "USR1"}) {
        send(name);
        assertThat(passedOn.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.parse(name));
      }
      hangUp();
      assertThat(unheeded.poll(30, TimeUnit.SECONDS)).isEqualTo(Signal.HUP);
    }
    assertThat(unheeded).isEmpty();
  }
}
