package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.net.NetworkNamespace;
import dev.pinnace.linux.process.Pidfd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a TCP server on the loopback of a process's network namespace. A thread of its own enters
 * that, and ends with the answer.
 */
public final class LoopbackRequest implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(LoopbackRequest.class);
  private static final byte[] NOTHING = new byte[0];
  private static final List<byte[]> LOOPBACKS =
      List.of(
          new byte[] {127, 0, 0, 1}, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

  private final Pidfd process;
  private final boolean enters;
  private final int port;
  private final byte[] request;
  private final int limit;
  private final long end;
  private final CompletableFuture<byte[]> answer = new CompletableFuture<>();

  private LoopbackRequest(
      Pidfd process, boolean enters, int port, byte[] request, int limit, Duration timeout) {
    this.process = process;
    this.enters = enters;
    this.port = port;
    this.request = request.clone();
    this.limit = limit;
    this.end = System.nanoTime() + timeout.toNanos();
  }

  /**
   * Sends a request and returns what the answer begins with.
   *
   * @param process which stays the caller's
   * @param pid its number
   * @param limit how many bytes of the answer will do
   * @param timeout of it all
   * @return fewer bytes, or none, where nobody answers or says less
   * @throws UnsupportedException where this process may not enter that namespace
   */
  public static byte[] ask(
      Pidfd process, int pid, int port, byte[] request, int limit, Duration timeout) {
    LoopbackRequest asking =
        new LoopbackRequest(process, !isOurs(pid), port, request, limit, timeout);
    Thread thread = new Thread(asking, "pinnace-ask");
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
    try {
      return asking.answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancelledException("interrupted while port " + port + " was asked", e);
    } catch (ExecutionException failed) {
      throw failure(failed.getCause() == null ? failed : failed.getCause());
    }
  }

  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof ErrnoException refusal && refusal.is(Errno.EPERM)) {
      UnsupportedException unsupported =
          new UnsupportedException(
              "asking a server in a container's own network",
              String.valueOf(refusal.getMessage()),
              "run the JVM as root, or wait for the port, a line of the log or a command");
      unsupported.initCause(refusal);
      return unsupported;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  /** Where that cannot be told it is another one. */
  private static boolean isOurs(int pid) {
    try {
      Path ours = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
      return ours.equals(Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "ns/net")));
    } catch (IOException hidden) {
      return false;
    }
  }

  @Override
  public void run() {
    try {
      if (enters) {
        NetworkNamespace.enter(process);
      }
      byte[] said = NOTHING;
      for (int i = 0; i < LOOPBACKS.size() && said.length == 0; i++) {
        said = exchange(InetAddress.getByAddress(LOOPBACKS.get(i)));
      }
      answer.complete(said);
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ESRCH)) {
        answer.complete(NOTHING); // it has ended
      } else {
        answer.completeExceptionally(refusal);
      }
    } catch (IOException | RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  private byte[] exchange(InetAddress address) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (Socket socket = new Socket(Proxy.NO_PROXY)) {
      socket.connect(new InetSocketAddress(address, port), millisLeft());
      socket.getOutputStream().write(request);
      socket.getOutputStream().flush();
      InputStream in = socket.getInputStream();
      byte[] bytes = new byte[limit];
      int count = 0;
      while (said.size() < limit && count >= 0) {
        said.write(bytes, 0, count);
        socket.setSoTimeout(millisLeft());
        count = in.read(bytes, 0, Math.max(1, limit - said.size()));
      }
    } catch (IOException refused) {
      LOG.debug("{} port {} does not answer: {}", address, port, refused.toString());
    }
    return said.toByteArray();
  }

  /** Never zero, which sockets take for ever. */
  private int millisLeft() throws IOException {
    long millis = (end - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      throw new IOException("there was no time left");
    }
    return (int) Math.min(Integer.MAX_VALUE, millis);
  }
}
