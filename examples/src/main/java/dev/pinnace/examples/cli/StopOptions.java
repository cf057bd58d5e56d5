package dev.pinnace.examples.cli;

import dev.pinnace.Container;
import dev.pinnace.spec.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Flags that say how a container is stopped. */
final class StopOptions {
  @Option(
      names = {"-t", "--time", "--timeout"},
      paramLabel = "SECONDS",
      converter = Grace.class,
      description =
          "Time between the signal and SIGKILL, -1 for as long as it takes; by default what the"
              + " container was made with, else 10.")
  private Optional<Duration> grace = Optional.empty();

  @Option(
      names = {"-s", "--signal"},
      paramLabel = "SIGNAL",
      description = "A name or a number; by default what the container was made with.")
  private Optional<String> signal = Optional.empty();

  /** Refuses flags that would be wrong of every container. */
  void check() {
    signal.ifPresent(Signal::parse);
  }

  void apply(
      Container container,
      Runnable usual,
      Consumer<Duration> inTime,
      BiConsumer<Signal, Duration> byAnotherSignal) {
    apply(
        () -> container.inspect().spec().lifecycle().stopTimeout(), usual, inTime, byAnotherSignal);
  }

  /**
   * Does what the flags say with the one of three that fits.
   *
   * @param own the time that the container has by itself
   */
  void apply(
      Supplier<Duration> own,
      Runnable usual,
      Consumer<Duration> inTime,
      BiConsumer<Signal, Duration> byAnotherSignal) {
    if (signal.isPresent()) {
      byAnotherSignal.accept(Signal.parse(signal.get()), grace.orElseGet(own));
    } else {
      grace.ifPresentOrElse(inTime, usual);
    }
  }
}
