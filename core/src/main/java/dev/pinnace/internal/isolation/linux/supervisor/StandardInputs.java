package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Pipe;
import dev.pinnace.linux.file.Inode;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Feeds streams to processes, each by a pipe and a thread of its own. Thread-safe. */
public final class StandardInputs implements AutoCloseable {
  /** Whoever a process is, it may open its standard input again as /dev/stdin. */
  private static final int READABLE_BY_ALL = 0444;

  private final String name;
  private final Map<Feeder, Thread> threads = new ConcurrentHashMap<>();

  /**
   * @param name of the threads
   */
  public StandardInputs(String name) {
    this.name = name;
  }

  /**
   * Starts a process that reads {@code from}; of a start that fails nothing is read.
   *
   * @param start gets what is to be the process's standard input, for as long as it takes
   */
  public <T> T feed(InputStream from, Function<Fd, T> start) {
    return feed(from, start, (started, end) -> {});
  }

  /**
   * The same for what may end before the stream does.
   *
   * @param begun gets what ends the feeding at once, whatever the stream is at; from any thread
   */
  public <T> T feed(InputStream from, Function<Fd, T> start, BiConsumer<T, Runnable> begun) {
    Pipe pipe = Pipe.open();
    try (Fd readEnd = pipe.readEnd()) {
      Inode.chmod(readEnd, READABLE_BY_ALL);
      Feeder feeder = new Feeder(from, pipe.writeEnd());
      try {
        T started = start.apply(readEnd);
        begin(feeder);
        begun.accept(started, feeder::end);
        return started;
      } catch (RuntimeException e) {
        feeder.end();
        throw e;
      }
    } catch (RuntimeException e) {
      pipe.close();
      throw e;
    }
  }

  /**
   * Feeds what is there already; {@code to} is closed at the end, and where this fails.
   *
   * @return ends the feeding at once
   */
  Feeder feed(InputStream from, Fd to) {
    try {
      Feeder feeder = new Feeder(from, to);
      begin(feeder);
      return feeder;
    } catch (RuntimeException | Error e) {
      to.close();
      throw e;
    }
  }

  private void begin(Feeder feeder) {
    Thread thread =
        new Thread(
            () -> {
              try {
                feeder.run();
              } finally {
                threads.remove(feeder);
              }
            },
            name);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    threads.put(feeder, thread);
    thread.start();
  }

  /**
   * Ends the feeding and interrupts who waits for a stream; what is fed sees the end of its input.
   */
  @Override
  public void close() {
    threads.forEach(
        (feeder, thread) -> {
          feeder.end();
          thread.interrupt();
        });
  }
}
