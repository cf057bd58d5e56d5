package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.Fd;
import dev.pinnace.spec.Detachment;
import dev.pinnace.spec.TerminalSize;
import dev.pinnace.spi.isolation.AttachRequest;
import dev.pinnace.spi.isolation.RunningAttachment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pipes of this JVM's that a supervisor fills with what its container writes; it closes them at the
 * container's end, and when they are full. Thread-safe.
 */
public final class SupervisedAttachment implements RunningAttachment {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedAttachment.class);

  /** State 5 of the format. */
  private static final int EXITED = 5;

  private final SupervisedContainer container;
  private final PipedOutput output;
  private final AttachRequest request;
  private final CompletableFuture<Frame> answer;
  private final CompletableFuture<Detachment> over = new CompletableFuture<>();
  private final AtomicInteger streams = new AtomicInteger(2);
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private volatile boolean closed;

  private SupervisedAttachment(
      SupervisedContainer container,
      PipedOutput output,
      AttachRequest request,
      CompletableFuture<Frame> answer) {
    this.container = container;
    this.output = output;
    this.request = request;
    this.answer = answer;
    CompletableFuture<?> unused =
        over.whenComplete((reason, failure) -> leave(reason == Detachment.LAGGED));
  }

  /**
   * Asks to be attached; what the container writes from then on is handed on.
   *
   * @param stdin a pipe that the container is fed from; it stays its owner's
   */
  public static SupervisedAttachment begin(
      EventLoop loop, SupervisedContainer container, AttachRequest request, Optional<Fd> stdin) {
    PipedOutput output = PipedOutput.open(loop);
    try {
      List<Fd> descriptors = new ArrayList<>(List.of(output.toStdout(), output.toStderr()));
      stdin.ifPresent(descriptors::add);
      CompletableFuture<Frame> answer =
          container.attach(
              request.size().map(TerminalSize::rows).orElse(0),
              request.size().map(TerminalSize::columns).orElse(0),
              descriptors.toArray(Fd[]::new));
      output.passedOn();
      SupervisedAttachment attachment =
          new SupervisedAttachment(container, output, request, answer);
      output.deliver(
          attachment.counting(request.stdout()),
          attachment.counting(request.stderr()),
          request.executor());
      return attachment;
    } catch (RuntimeException e) {
      output.close();
      throw e;
    }
  }

  /** Waits until the supervisor has agreed. */
  public SupervisedAttachment confirmed() {
    try {
      Frame frame = Waits.await(answer, Replies.LIMIT, "the supervisor to attach a client");
      frame.closeDescriptors();
      if (frame.type() == Frame.ERROR) {
        throw refused(frame.payload().getInt(0));
      }
      return this;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private PinnaceException refused(int errno) {
    String id = container.place().id();
    return switch (errno) {
      case Errno.ENOSYS ->
          new UnsupportedException(
              "attaching to container " + id,
              "its supervisor, of the Pinnace that started it, does not know that",
              "restart the container, or read its logs");
      case Errno.ENOTTY ->
          new ConflictException(
              "container "
                  + id
                  + " reads what whoever started it sends, and nothing of those who attach: attach"
                  + " without input (--no-stdin)");
      case Errno.EAGAIN ->
          new ConflictException(
              "container " + id + " has as many attachments as it can have, 64: close one");
      default ->
          new PinnaceException("cannot attach to container " + id + ": " + Errno.describe(errno));
    };
  }

  private Consumer<byte[]> counting(Consumer<byte[]> consumer) {
    return piece -> {
      try {
        consumer.accept(piece);
      } finally {
        if (piece.length == 0 && streams.decrementAndGet() == 0) {
          end();
        }
      }
    };
  }

  /** The supervisor may have to be asked, which the polling thread must not do. */
  private void end() {
    if (closed) {
      over.complete(Detachment.CLOSED);
      return;
    }
    try {
      CompletableFuture<?> unused = over.completeAsync(this::why, request.executor());
    } catch (RejectedExecutionException engineClosed) {
      over.complete(Detachment.CLOSED);
    }
  }

  private Detachment why() {
    Detachment reason = ended();
    return hasLagged() && reason == Detachment.ENDED ? Detachment.LAGGED : reason;
  }

  /** Once its end is known, for what was lost was told before. */
  private boolean hasLagged() {
    return answer
        .handle((frame, failure) -> failure == null && container.hasLagged(frame.id()))
        .getNow(false);
  }

  private Detachment ended() {
    try {
      if (!container.exit().isDone() && container.state().phase() != EXITED) {
        return closed ? Detachment.CLOSED : Detachment.LAGGED;
      }
    } catch (CancelledException engineClosed) {
      return Detachment.CLOSED;
    } catch (RuntimeException unanswered) { // its supervisor ends, or cannot be reached
      LOG.debug("{} does not say why a client is detached", container.place().id(), unanswered);
    }
    return awaitEnd();
  }

  /** Where nobody has closed it, a container of whose end nothing is known has ended too. */
  private Detachment awaitEnd() {
    boolean unused = Waits.settle(container.exit(), Replies.LIMIT);
    boolean engineClosed =
        container
            .exit()
            .handle((exit, failure) -> failure instanceof CancelledException)
            .getNow(false);
    return closed || engineClosed ? Detachment.CLOSED : Detachment.ENDED;
  }

  /** Whoever has fallen behind may still be typing: the supervisor takes that until the end. */
  private void leave(boolean typing) {
    CompletionStage<?> last = typing ? container.exit() : over;
    CompletionStage<?> unused = last.whenComplete((end, failure) -> left.complete(null));
  }

  /** Calls {@code end} when nobody is attached any more: what is typed then is lost. */
  public void fed(Runnable end) {
    CompletableFuture<?> unused = left.thenRun(end);
  }

  @Override
  public CompletableFuture<Detachment> over() {
    return over;
  }

  @Override
  public void resize(TerminalSize size) {
    container.resize(size.rows(), size.columns());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      CompletableFuture<?> unused = answer.thenAccept(frame -> container.detach(frame.id()));
      output.close();
      left.complete(null);
    }
  }
}
