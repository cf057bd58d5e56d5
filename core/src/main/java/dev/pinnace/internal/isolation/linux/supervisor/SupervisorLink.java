package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.Reasons;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.spec.Signal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to a supervisor: requests complete futures, everything else goes to a
 * listener on the polling thread. Thread-safe.
 */
final class SupervisorLink implements AutoCloseable {
  /** A flag of EXEC. */
  private static final int BOUND = 1;

  private static final org.slf4j.Logger LOG =
      org.slf4j.LoggerFactory.getLogger(SupervisorLink.class);

  /** What may be wrong with a supervisor that does nothing, and what to do. */
  static final String STOPPED = "it is stopped, or stuck; SIGCONT lets a stopped one go on";

  private final UnixSocket socket;
  private final EventLoop loop;
  private final Consumer<Frame> unasked;
  private final Runnable ended;
  private final Consumer<PinnaceException> missed;
  private final Consumer<PinnaceException> lost;
  private final Map<Integer, CompletableFuture<Frame>> waiting = new ConcurrentHashMap<>();
  private final Map<Integer, CompletableFuture<Frame>> execs = new ConcurrentHashMap<>();
  private final AtomicInteger ids;
  private final AtomicBoolean closed = new AtomicBoolean();
  private EventLoop.@Nullable Watch watch;
  private volatile @Nullable PinnaceException loss;
  private volatile int refusal;
  private volatile boolean answered;
  private volatile boolean broken;
  private volatile boolean unread;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /**
   * Takes over a connected socket; nothing is received before {@link #listen}.
   *
   * @param ids of requests; they are a supervisor's names of execs and attachments, and so no later
   *     link of the same client begins with them anew
   * @param unasked gets what answers no request; it owns the frame's descriptors
   * @param ended runs once when the supervisor has closed its end
   * @param missed runs when a message was lost, before requests fail with the same
   * @param lost runs once when nothing can be received any more, before requests fail with the same
   */
  SupervisorLink(
      EventLoop loop,
      UnixSocket socket,
      AtomicInteger ids,
      Consumer<Frame> unasked,
      Runnable ended,
      Consumer<PinnaceException> missed,
      Consumer<PinnaceException> lost) {
    this.socket = socket;
    this.ids = ids;
    this.unasked = unasked;
    this.ended = ended;
    this.missed = missed;
    this.lost = lost;
    this.loop = loop;
  }

  /** Begins to receive. What the listeners use must be there by now: they run on another thread. */
  synchronized void listen() {
    if (!closed.get()) {
      watch = loop.watch(socket.fd(), w -> receive(), this::lose);
    }
  }

  /** Answers will not be heard; the supervisor still hears what it is sent, a kill above all. */
  private void lose(PinnaceException failure) {
    loss = failure;
    lost.accept(failure);
    failWaiting();
    over.complete(null);
  }

  /**
   * Sends a request; the future completes with its answer, or exceptionally when the supervisor is
   * gone.
   */
  CompletableFuture<Frame> request(int type, int[] words, Fd... descriptors) {
    CompletableFuture<Frame> answer = new CompletableFuture<>();
    send(type, ids.incrementAndGet(), answer, words, descriptors);
    return answer;
  }

  private void send(
      int type, int id, CompletableFuture<Frame> answer, int[] words, Fd... descriptors) {
    waiting.put(id, answer);
    try {
      socket.send(Frame.encode(type, id, words), descriptors);
      unread = false;
    } catch (ErrnoException | IllegalStateException refusal) {
      waiting.remove(id);
      unread = refusal instanceof ErrnoException full && full.is(Errno.EAGAIN);
      if (refusal instanceof ErrnoException e && e.is(Errno.EPIPE, Errno.ECONNRESET)) {
        broken = true;
      }
      PinnaceException failure = loss;
      answer.completeExceptionally(failure == null ? gone(refusal) : failure);
    }
    if (closed.get() || loss != null) {
      failWaiting();
    }
  }

  /**
   * An exec that was asked for.
   *
   * @param id of the request, by which the supervisor knows the process
   * @param started completes with the answer
   * @param exited completes with the frame that tells its status
   */
  record ExecRequest(int id, CompletableFuture<Frame> started, CompletableFuture<Frame> exited) {}

  /**
   * Asks for an exec; descriptors are plan, stdin, stdout and stderr.
   *
   * @param bound whether it is killed when this link ends
   */
  ExecRequest exec(boolean bound, Fd... descriptors) {
    int id = ids.incrementAndGet();
    ExecRequest exec = new ExecRequest(id, new CompletableFuture<>(), new CompletableFuture<>());
    execs.put(id, exec.exited());
    CompletableFuture<?> unused =
        exec.started()
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null || answer.type() == Frame.ERROR) {
                    execs.remove(id);
                  }
                });
    send(Frame.EXEC, id, exec.started(), new int[] {bound ? BOUND : 0}, descriptors);
    return exec;
  }

  /** Takes in what has come; on the polling thread only. */
  void receive() {
    try {
      Optional<UnixSocket.Message> message = next();
      while (message.isPresent()) {
        dispatch(Frame.of(message.get()));
        message = next();
      }
    } catch (IllegalStateException e) {
      if (!closed.get()) {
        throw e;
      }
      LOG.debug("the link was closed while a message was read", e);
    } catch (ErrnoException e) {
      if (!e.is(Errno.ECONNRESET, Errno.EPIPE, Errno.ENOTCONN)) {
        throw e;
      }
      close();
      ended.run();
    }
  }

  /** A reset is told before what was sent in front of it, once: unix(7). */
  private Optional<UnixSocket.Message> next() {
    while (!closed.get()) {
      try {
        return socket.receive();
      } catch (ErrnoException e) {
        if (e.is(Errno.EMFILE)) {
          miss(e);
        } else if (e.is(Errno.ECONNRESET)) {
          return socket.receive();
        } else {
          throw e;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * What came with descriptors for which there was no room may have been any of the answers. An
   * exec whose caller is told that it failed must not run on.
   */
  private void miss(ErrnoException noRoom) {
    PinnaceException failure =
        new PinnaceException(
            "what the container's supervisor has sent is lost: "
                + noRoom.getMessage()
                + Reasons.hint(noRoom),
            noRoom);
    missed.accept(failure);
    for (Integer id : List.copyOf(waiting.keySet())) {
      boolean exec = execs.containsKey(id);
      CompletableFuture<Frame> answer = waiting.remove(id);
      if (answer != null) {
        if (exec) {
          kill(id);
        }
        answer.completeExceptionally(failure);
      }
    }
  }

  /** Kills an exec without waiting for that; one that is not started yet is not killed. */
  void kill(int exec) {
    CompletableFuture<?> unused = request(Frame.SIGNAL, new int[] {Signal.KILL.number(), exec});
  }

  private synchronized void endWatch() {
    if (watch != null) {
      watch.end();
    }
  }

  /** Gives up waiting: the descriptors of an answer that still comes are closed. */
  static void abandon(CompletableFuture<Frame> answer) {
    if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
      answer.join().closeDescriptors();
    }
  }

  /** How many answers and ends of execs are waited for. */
  int pending() {
    return waiting.size() + execs.size();
  }

  /** Whether the supervisor has closed its end, or this one was closed. */
  boolean isClosed() {
    return closed.get();
  }

  /**
   * Waits, where a request found the other end closed, until all that was sent before was taken in:
   * it may tell of the container's end.
   */
  void settle() {
    if (broken && !Waits.settle(over, Replies.LIMIT)) {
      LOG.warn("the polling thread has not seen the end of {} in time", socket.fd());
    }
  }

  /** Whether the supervisor has said anything but that it turns this client away. */
  boolean wasAnswered() {
    return answered;
  }

  private void dispatch(Frame frame) {
    if (frame.type() == Frame.ERROR && frame.id() == 0) {
      refusal = frame.payload().getInt(0);
      frame.closeDescriptors();
      return;
    }
    answered = true;
    Map<Integer, CompletableFuture<Frame>> from =
        frame.type() == Frame.EXEC_EXITED ? execs : waiting;
    CompletableFuture<Frame> answer = frame.id() == 0 ? null : from.remove(frame.id());
    if (answer != null) {
      if (!answer.complete(frame)) {
        frame.closeDescriptors();
      }
    } else if (frame.type() == Frame.EXEC_STARTED) {
      frame.closeDescriptors();
      kill(frame.id()); // its caller was told that it failed, when another message was lost
    } else {
      unasked.accept(frame);
    }
  }

  private void failWaiting() {
    for (Map<Integer, CompletableFuture<Frame>> pending : List.of(waiting, execs)) {
      for (Integer id : List.copyOf(pending.keySet())) {
        CompletableFuture<Frame> answer = pending.remove(id);
        if (answer != null) {
          PinnaceException failure = loss;
          answer.completeExceptionally(failure == null ? gone(null) : failure);
        }
      }
    }
  }

  /** Why nothing is answered any more; only a settled link knows that it was turned away. */
  ConflictException gone(@Nullable Throwable cause) {
    if (unread && !closed.get()) {
      return new ConflictException(
          "the container's supervisor reads nothing of what it is sent: " + STOPPED, cause);
    }
    return new ConflictException(
        switch (refusal) {
          case 0 -> "the container has ended, or its supervisor has cut the connection";
          case Errno.EUSERS ->
              "the container's supervisor has as many connections as it can serve: close an engine"
                  + " that uses the container";
          default -> "the container's supervisor takes no connection: " + Errno.describe(refusal);
        },
        cause);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      endWatch();
      socket.close();
      failWaiting();
      over.complete(null);
    }
  }
}
