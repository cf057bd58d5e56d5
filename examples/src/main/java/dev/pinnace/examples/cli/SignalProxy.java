package dev.pinnace.examples.cli;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.Signal;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Passes signals of this JVM on to a container until it is closed; one that comes before the
 * container runs, or between two runs, is passed on once it does. The third of SIGINT, SIGTERM and
 * SIGHUP ends the JVM, and with it the container unless that is detached. SIGQUIT and SIGUSR2 are
 * not passed on, for the JVM keeps them; nor are those of job control, which are for this call, and
 * those that say of a process what it did itself. The JDK's {@code sun.misc.Signal} (module
 * jdk.unsupported) is reached by reflection, because naming it is a compiler warning that nothing
 * can turn off.
 */
final class SignalProxy implements AutoCloseable {
  private static final List<String> ENDING = List.of("INT", "TERM", "HUP");
  private static final List<String> TELLING =
      List.of("USR1", "WINCH", "CONT", "ALRM", "VTALRM", "IO", "PWR", "STKFLT");
  private static final int PATIENCE = 3;
  private static final long PAUSE_MILLIS = 20;
  private static final long EFFECT_MILLIS = 1000;

  private final Deque<Runnable> restore = new ArrayDeque<>();
  private final AtomicInteger received = new AtomicInteger();
  private final CountDownLatch closed = new CountDownLatch(1);

  private SignalProxy() {}

  /** One that leaves signals as they are. */
  static SignalProxy none() {
    return new SignalProxy();
  }

  static SignalProxy to(Consumer<Signal> container) {
    return to(container, unheeded -> {});
  }

  /**
   * The same.
   *
   * @param unheeded told of the first signal if this is not closed within a second after it was
   *     passed on
   */
  static SignalProxy to(Consumer<Signal> container, Consumer<Signal> unheeded) {
    SignalProxy proxy = new SignalProxy();
    for (String name : TELLING) {
      Signal passed = Signal.parse(name);
      proxy.handle(name, () -> proxy.passOn(passed, container));
    }
    for (String name : ENDING) {
      Signal passed = Signal.parse(name);
      proxy.handle(name, () -> proxy.receive(passed, container, unheeded));
    }
    return proxy;
  }

  /** Does that when the terminal has another size, instead of passing a signal on. */
  void onWindowChange(Runnable effect) {
    handle("WINCH", effect);
  }

  private void handle(String name, Runnable effect) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      Method handle = signalClass.getMethod("handle", signalClass, handlerClass);
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      InvocationHandler calls =
          (self, method, arguments) -> {
            effect.run();
            return null;
          };
      Object handler =
          Proxy.newProxyInstance(
              SignalProxy.class.getClassLoader(), new Class<?>[] {handlerClass}, calls);
      Object before = handle.invoke(null, signal, handler);
      restore.push(() -> restore(handle, signal, before));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no sun.misc.Signal to pass signals on with", e);
    }
  }

  @SuppressWarnings("SystemExitOutsideMain") // the way out when a container ignores every signal
  private void receive(Signal signal, Consumer<Signal> container, Consumer<Signal> unheeded) {
    int number = received.incrementAndGet();
    if (number >= PATIENCE) {
      Runtime.getRuntime().halt(128 + signal.number());
    }
    passOn(signal, container);
    try {
      if (number == 1 && !closed.await(EFFECT_MILLIS, TimeUnit.MILLISECONDS)) {
        unheeded.accept(signal);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when it was passed on, or there is nothing any more to pass it on to. */
  private void passOn(Signal signal, Consumer<Signal> container) {
    try {
      while (!isPassedOn(signal, container) && !closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        // Its start is awaited.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * False for a container that does not run: not yet, or no more, and this call is about to end.
   */
  private static boolean isPassedOn(Signal signal, Consumer<Signal> container) {
    try {
      container.accept(signal);
      return true;
    } catch (NotFoundException removed) {
      return true;
    } catch (ConflictException notRunning) {
      return false;
    }
  }

  private static void restore(Method handle, Object signal, Object before) {
    try {
      handle.invoke(null, signal, before);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot restore the handler of " + signal, e);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    restore.forEach(Runnable::run);
  }
}
