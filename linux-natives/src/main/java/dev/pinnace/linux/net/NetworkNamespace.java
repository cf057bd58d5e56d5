package dev.pinnace.linux.net;

import dev.pinnace.linux.Fd;
import dev.pinnace.linux.internal.jna.NativeMemory;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.process.Pidfd;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Network namespaces, each held by a descriptor (network_namespaces(7)). A namespace is needed only
 * where a socket is made; the socket stays in it, whoever uses it afterwards. So a thread enters
 * it, makes what is wanted, and ends: no other thread of the JVM is ever in another namespace.
 */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int AT_FDCWD = -100;
  private static final int O_CLOEXEC = 0x80000;

  private NetworkNamespace() {}

  /**
   * Makes a namespace with nothing but a loopback interface that is down. It lives as long as the
   * descriptor, a socket or a process is in it.
   *
   * @throws dev.pinnace.linux.ErrnoException EPERM without CAP_SYS_ADMIN
   */
  public static Fd create() {
    return inThread(
        () -> {
          Sys.UNSHARE.on("CLONE_NEWNET", CLONE_NEWNET);
          return ofThisThread();
        });
  }

  /** The namespace of this JVM. */
  public static Fd current() {
    return ofThisThread();
  }

  /**
   * What {@code work} makes on a thread in {@code namespace}; it must not keep that thread.
   *
   * @throws dev.pinnace.linux.ErrnoException EPERM without CAP_SYS_ADMIN in its user namespace
   */
  public static <T> T in(Fd namespace, Supplier<T> work) {
    return inThread(
        () -> {
          Sys.SETNS.on(namespace + ", CLONE_NEWNET", namespace.number(), CLONE_NEWNET);
          return work.get();
        });
  }

  /**
   * Puts the calling thread into the network namespace of a process, for good: sockets that it
   * makes from now on, by whatever means, belong there, wherever they are used. The thread is to
   * end afterwards.
   *
   * @throws dev.pinnace.linux.ErrnoException EPERM without CAP_SYS_ADMIN in the namespace's user
   *     namespace and in this process's, ESRCH if the process has ended
   */
  public static void enter(Pidfd process) {
    Sys.SETNS.on(process.fd().toString(), process.fd().number(), CLONE_NEWNET);
  }

  private static Fd ofThisThread() {
    String path = "/proc/thread-self/ns/net";
    try (NativeMemory name = NativeMemory.ofString(path)) {
      return new Fd(
          (int) Sys.OPENAT.on(path, AT_FDCWD, name.address(), O_CLOEXEC), "network namespace");
    }
  }

  /** Not one of a pool: what enters a namespace never comes back. */
  private static <T> T inThread(Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    Thread thread = new Thread(task, "pinnace-netns");
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true; // it is a matter of microseconds, and what it makes must be had
        } catch (ExecutionException | CancellationException e) {
          if (e.getCause() instanceof RuntimeException failure) {
            throw failure;
          }
          throw new IllegalStateException("a thread in a network namespace failed", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
