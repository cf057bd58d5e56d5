package dev.pinnace.linux.net;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.internal.jna.Sys;
import dev.pinnace.linux.process.Pidfd;

/** Network namespaces of other processes (setns(2), Linux 5.8 for processes). */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;

  private NetworkNamespace() {}

  /**
   * Puts the calling thread into the network namespace of a process, for good: sockets that it
   * makes from now on, by whatever means, belong there, wherever they are used. The thread is to
   * end afterwards.
   *
   * @throws ErrnoException EPERM without CAP_SYS_ADMIN in the namespace's user namespace and in
   *     this process's, ESRCH if the process has ended
   */
  public static void enter(Pidfd process) {
    Sys.SETNS.on(process.fd().toString(), process.fd().number(), CLONE_NEWNET);
  }
}
