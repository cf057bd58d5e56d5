package dev.pinnace.internal.durable;

import java.util.function.Consumer;

/**
 * Named moments between two changes on disk, at which crash tests end the JVM. Nothing happens at
 * them otherwise.
 */
public final class FaultPoints {
  private static volatile Consumer<String> listener = point -> {};

  private FaultPoints() {}

  /** Says that a point is reached. */
  public static void reached(String point) {
    listener.accept(point);
  }

  /** Hears of every point that is reached in this JVM. */
  public static void listen(Consumer<String> newListener) {
    listener = newListener;
  }
}
