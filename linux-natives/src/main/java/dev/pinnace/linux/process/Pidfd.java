package dev.pinnace.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.Sys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A process by descriptor (pidfd_open(2)): it names the same process for ever, however often the
 * number is used again. Readable when the process has ended. Thread-safe.
 */
public final class Pidfd implements AutoCloseable {
  private final Fd fd;

  /** Takes ownership of a pidfd. */
  public Pidfd(Fd fd) {
    this.fd = fd;
  }

  /** Opens process {@code pid}; ESRCH when there is none. */
  public static Pidfd open(int pid) {
    return new Pidfd(new Fd((int) Sys.PIDFD_OPEN.on("pid " + pid, pid, 0), "process " + pid));
  }

  /** The descriptor, still owned by this. */
  public Fd fd() {
    return fd;
  }

  /** Sends a signal: false when the process has ended. Signal 0 asks only. */
  public boolean signal(int number) {
    try {
      Sys.PIDFD_SEND_SIGNAL.on(fd + ", signal " + number, fd.number(), number, 0, 0);
      return true;
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ESRCH)) {
        return false;
      }
      throw refusal;
    }
  }

  /** Whether the process has not been reaped; one that this JVM may not signal lives. */
  public boolean isAlive() {
    try {
      return signal(0);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.EPERM)) {
        return true;
      }
      throw refusal;
    }
  }

  /**
   * Reaps a child of this JVM that has ended (waitid(2) on the pidfd alone): whether there was
   * something to reap.
   */
  public boolean reap() {
    return LeftChildren.reap(fd.number());
  }

  /**
   * Closes this at once. A child of this JVM that has not been reaped is left to {@link
   * LeftChildren#reap}; where its number cannot be found out, for want of a descriptor, a thread
   * waits for it. Once closed it does nothing.
   */
  public void leave() {
    try {
      if (isChild()) {
        pid().ifPresent(LeftChildren::add);
      }
    } catch (IllegalStateException closed) {
      return;
    } catch (UncheckedIOException noNumber) {
      reapAtEnd();
      return;
    }
    close();
  }

  /**
   * Closes this, at once if the process is no child of this JVM, and else when it has ended and a
   * thread of its own has reaped it: nobody need wait for that. Once closed it does nothing.
   */
  public void reapAtEnd() {
    try {
      if (!isChild()) {
        close();
        return;
      }
    } catch (IllegalStateException closed) {
      return;
    }
    inBackground(
        () -> {
          try (this) {
            int unused = Waitid.P_PIDFD.of(fd.number(), 0);
          }
        });
  }

  /** The same for a child that could not be opened; its number stays its own until it is reaped. */
  static void reapAtEnd(int pid) {
    inBackground(() -> Waitid.P_PID.of(pid, 0));
  }

  private boolean isChild() {
    return Waitid.P_PIDFD.of(fd.number(), Waitid.WNOHANG | Waitid.WNOWAIT) >= 0;
  }

  private static void inBackground(Runnable wait) {
    Thread thread = new Thread(wait, "pinnace-reaper");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  /**
   * The number as this JVM's pid namespace sees it, for display; empty when the process has been
   * reaped.
   */
  public OptionalInt pid() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd.number()))) {
        if (line.startsWith("Pid:")) {
          int pid = Integer.parseInt(line.substring(4).strip());
          return pid > 0 ? OptionalInt.of(pid) : OptionalInt.empty();
        }
      }
      return OptionalInt.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    fd.close();
  }
}
