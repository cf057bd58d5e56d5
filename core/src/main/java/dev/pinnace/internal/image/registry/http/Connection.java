package dev.pinnace.internal.image.registry.http;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One connection, used by one exchange at a time. {@link #abort} may be called by any thread; an
 * interrupt closes the channel, which ends whatever blocks on it.
 */
final class Connection {
  private static final int BUFFER = 1 << 14;
  private static final int LONGEST_HEAD = 1 << 16;

  private final Origin origin;
  private final SocketChannel channel;
  private final Duration silence;
  private final boolean toProxy;
  private InputStream in;
  private OutputStream out;
  private final byte[] buffer = new byte[BUFFER];
  private int at;
  private int end;
  private volatile boolean aborted;
  private volatile long lastProgress = System.nanoTime();

  Connection(Origin origin, SocketChannel channel, Duration silence, boolean toProxy)
      throws IOException {
    this.origin = origin;
    this.channel = channel;
    this.silence = silence;
    this.toProxy = toProxy;
    Socket socket = channel.socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(1, silence.toMillis())));
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** Speaks TLS from here on, with the host checked against its certificate if that is asked. */
  void secure(SSLSocketFactory tls, boolean checkHost) throws IOException {
    SSLSocket socket =
        (SSLSocket) tls.createSocket(channel.socket(), origin.host(), origin.port(), true);
    if (checkHost) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
    }
    socket.startHandshake();
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  Origin origin() {
    return origin;
  }

  boolean isOpen() {
    return channel.isOpen() && !aborted;
  }

  boolean wasAborted() {
    return aborted;
  }

  /** Since when nothing has gone out or come in, of {@link System#nanoTime}. */
  long lastProgress() {
    return lastProgress;
  }

  Duration silence() {
    return silence;
  }

  void abort() {
    aborted = true;
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // Nothing is left that could be closed.
    }
  }

  void send(Request request) throws IOException {
    lastProgress = System.nanoTime();
    out.write(request.head(toProxy));
    if (request.payload().isPresent()) {
      OutputStream counted = new BufferedOutputStream(new Progress(out), 1 << 16);
      request.payload().get().writeTo(counted);
      counted.flush();
    }
    out.flush();
    lastProgress = System.nanoTime();
  }

  /** Sends what is no request of its own. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Tells that bytes went out, for whoever watches for silence: a blocked write has no timeout. */
  private final class Progress extends OutputStream {
    private final OutputStream to;

    Progress(OutputStream to) {
      this.to = to;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      to.write(bytes, from, length);
      lastProgress = System.nanoTime();
    }
  }

  /** Status line and headers. */
  List<String> readHead() throws IOException {
    List<String> lines = new ArrayList<>();
    long deadline = Long.MAX_VALUE;
    int left = LONGEST_HEAD;
    while (true) {
      String line = readLine(left, deadline);
      if (lines.isEmpty() && !line.startsWith("HTTP/1.")) {
        throw new BadAnswerException("it does not speak HTTP/1.1");
      }
      if (line.isEmpty()) {
        return lines;
      }
      if (lines.isEmpty()) {
        deadline = System.nanoTime() + silence.toNanos();
      }
      lines.add(line);
      left -= line.length() + 1;
    }
  }

  /** A line without its end. */
  String readLine() throws IOException {
    return readLine(LONGEST_HEAD, Long.MAX_VALUE);
  }

  private String readLine(int most, long deadline) throws IOException {
    StringBuilder line = new StringBuilder(80);
    while (true) {
      if (at == end && !fill()) {
        throw new EOFException(line.isEmpty() ? "it closed the connection" : "it hung up");
      }
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      line.append(new String(buffer, from, at - from, StandardCharsets.ISO_8859_1));
      if (line.length() > most) {
        throw new BadAnswerException("its headers are longer than " + LONGEST_HEAD + " bytes");
      }
      if (at < end) {
        at++;
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
          line.setLength(length - 1);
        }
        return line.toString();
      }
      if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException("its headers do not end");
      }
    }
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(buffer, 0, buffer.length));
    lastProgress = System.nanoTime();
    return end > 0;
  }

  /** At most {@code length} bytes of what comes next; -1 at the end of the connection. */
  int read(byte[] into, int from, int length) throws IOException {
    if (at < end) {
      int got = Math.min(length, end - at);
      System.arraycopy(buffer, at, into, from, got);
      at += got;
      return got;
    }
    return in.read(into, from, length);
  }

  /** How much can be read without waiting. */
  int buffered() {
    return end - at;
  }
}
