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
    long self = ProcessHandle.current().pid();
    assertThat(new ProcessBuilder("kill", "-HUP", self + "").start().waitFor()).isZero();
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
}
