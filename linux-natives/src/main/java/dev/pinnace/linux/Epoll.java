package dev.pinnace.linux;

import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import java.util.ArrayList;
import java.util.List;

/**
 * An epoll(7) instance with an eventfd to wake it. {@link #await} belongs to one thread; everything
 * else is thread-safe. Level-triggered.
 */
public final class Epoll implements AutoCloseable {
  /** There is something to read, or the other end is gone. */
  public static final int READABLE = 0x001;

  /** There is room to write, or nobody reads any more. */
  public static final int WRITABLE = 0x004;

  /** The other end is gone. */
  public static final int HANGUP = 0x010;

  private static final int CLOEXEC = 0x80000;
  private static final int NONBLOCK = 0x800;
  private static final int ADD = 1;
  private static final int DELETE = 2;
  private static final int BATCH = 64;
  private static final long WAKE = -1;

  /** struct epoll_event is packed on x86_64 alone (epoll_ctl(2)). */
  private static final int EVENT = Kernel.architecture() == Kernel.Architecture.X86_64 ? 12 : 16;

  private static final int DATA = EVENT - 8;

  private final Fd epoll;
  private final Fd wake;
  private final NativeMemory events = NativeMemory.of((long) EVENT * BATCH);

  /**
   * What happened to a descriptor.
   *
   * @param key as it was added with
   * @param what {@link #READABLE}, {@link #HANGUP} and others, or-ed
   */
  public record Event(long key, int what) {}

  public Epoll() {
    epoll = new Fd((int) Sys.EPOLL_CREATE1.on("", CLOEXEC), "epoll");
    try {
      wake = new Fd((int) Sys.EVENTFD2.on("", 0, CLOEXEC | NONBLOCK), "eventfd");
    } catch (ErrnoException refusal) {
      epoll.close();
      events.close();
      throw refusal;
    }
    add(wake, WAKE);
  }

  /**
   * Watches a descriptor for reading.
   *
   * @param key non-negative, comes back with each event
   */
  public void add(Fd fd, long key) {
    add(fd, key, READABLE);
  }

  /**
   * Watches a descriptor.
   *
   * @param key non-negative, comes back with each event
   * @param what {@link #READABLE} or {@link #WRITABLE}
   */
  public void add(Fd fd, long key, int what) {
    try (NativeMemory event = NativeMemory.of(EVENT)) {
      event.putInt(0, what).putLong(DATA, key);
      Sys.EPOLL_CTL.on(fd.toString(), epoll.number(), ADD, fd.number(), event.address());
    }
  }

  /** Stops watching; to be called before the descriptor is closed. */
  public void remove(Fd fd) {
    Sys.EPOLL_CTL.on(fd.toString(), epoll.number(), DELETE, fd.number(), 0);
  }

  /** Makes a waiting {@link #await} return. */
  public void wakeUp() {
    wake.write(new byte[] {1, 0, 0, 0, 0, 0, 0, 0});
  }

  /**
   * Waits for events.
   *
   * @param millis at most so long; -1 without limit
   */
  public List<Event> await(int millis) {
    int count = (int) Sys.EPOLL_PWAIT.on("", epoll.number(), events.address(), BATCH, millis, 0, 0);
    List<Event> happened = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long at = (long) i * EVENT;
      long key = events.getLong(at + DATA);
      if (key == WAKE) {
        wake.read(new byte[8], 0, 8);
      } else {
        happened.add(new Event(key, events.getInt(at)));
      }
    }
    return happened;
  }

  @Override
  public void close() {
    epoll.close();
    wake.close();
    events.close();
  }
}
