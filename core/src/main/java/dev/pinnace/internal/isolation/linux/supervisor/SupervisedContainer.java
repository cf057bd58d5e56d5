package dev.pinnace.internal.isolation.linux.supervisor;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.ConflictException;
import dev.pinnace.error.CorruptException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.error.StartFailedException;
import dev.pinnace.error.TimedOutException;
import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.isolation.linux.plan.ContainerPlan;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.net.UnixSocket;
import dev.pinnace.linux.process.Pidfd;
import dev.pinnace.spec.Signal;
import dev.pinnace.spi.isolation.ContainerPlace;
import dev.pinnace.spi.isolation.ExitRecord;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client of one supervisor: the frames of the protocol as methods. Thread-safe. */
public final class SupervisedContainer implements AutoCloseable {
  /** Where STATE has the record of the last end. */
  private static final int LAST_END = 24;

  /** Where STATE has the first process, after the supervisor. */
  private static final int FIRST_PROCESS = 1;

  /** Where STATE has the root directory, after supervisor and first process. */
  private static final int ROOT = 2;

  private static final int ATTEMPTS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedContainer.class);

  private final ContainerPlace place;
  private final EventLoop loop;
  private final Duration replyLimit;
  private final Connection connection;
  private final CompletableFuture<Instant> started = new CompletableFuture<>();
  private final CompletableFuture<Fd> held = new CompletableFuture<>();
  private final CompletableFuture<Optional<ExitRecord>> exit = new CompletableFuture<>();
  private final CompletableFuture<Void> gone = new CompletableFuture<>();
  private final List<LongConsumer> followers = new CopyOnWriteArrayList<>();

  /** Attachments of which output was lost, until they ask. */
  private final Set<Integer> lagging = ConcurrentHashMap.newKeySet();

  private @Nullable Pidfd supervisor;
  private EventLoop.@Nullable Watch supervisorWatch;
  private volatile boolean closed;

  /**
   * Set by whoever ends the watch, closes the supervisor's descriptor and completes {@link #gone}.
   * Nobody else touches the two: the descriptor's number may be another's by then.
   */
  private final AtomicBoolean supervisorTaken = new AtomicBoolean();

  /** What a plan's failure is called. */
  @FunctionalInterface
  public interface Explanation {
    StartFailedException explain(int section, int step, int errno);
  }

  /**
   * Takes over a connected socket, which is closed if that fails.
   *
   * @param explanation for the first client, of a start that failed
   */
  public SupervisedContainer(
      EventLoop loop, UnixSocket socket, ContainerPlace place, Explanation explanation) {
    this(loop, socket, place, explanation, () -> connect(place), Replies.LIMIT);
  }

  SupervisedContainer(
      EventLoop loop,
      UnixSocket socket,
      ContainerPlace place,
      Explanation explanation,
      Supplier<UnixSocket> again,
      Duration replyLimit) {
    this.loop = loop;
    this.replyLimit = replyLimit;
    this.place = place;
    this.connection = new Connection(loop, socket, again, new Listener(explanation));
    CompletableFuture<?> unused =
        started.exceptionally(
            failure -> {
              held.completeExceptionally(failure);
              return Instant.EPOCH;
            });
    connection.begin();
  }

  /**
   * Connects to the supervisor of the container at {@code place}.
   *
   * @throws ErrnoException ECONNREFUSED or ENOENT where nobody listens
   */
  public static UnixSocket connect(ContainerPlace place) {
    return Connection.connect(place);
  }

  private final class Listener implements Connection.Listener {
    private final Explanation explanation;

    private Listener(Explanation explanation) {
      this.explanation = explanation;
    }

    @Override
    public void unasked(Frame frame) {
      SupervisedContainer.this.unasked(frame, explanation);
    }

    @Override
    public void cut() {
      linkEnded();
    }

    @Override
    public void missed(PinnaceException reason) {
      started.completeExceptionally(reason);
    }

    @Override
    public void lost(PinnaceException failure) {
      SupervisedContainer.this.lost(failure);
    }

    @Override
    public void renewed(SupervisorLink fresh) {
      catchUp(fresh);
    }
  }

  private void unasked(Frame frame, Explanation explanation) {
    ByteBuffer payload = frame.payload();
    switch (frame.type()) {
      case Frame.RUN_STARTED -> {
        keepSupervisor(frame);
        started.complete(ExitRecords.instant(payload.getLong(8)));
      }
      case Frame.RUN_FAILED -> {
        keepSupervisor(frame);
        started.completeExceptionally(
            explanation.explain(payload.getInt(0), payload.getInt(4), payload.getInt(8)));
      }
      case Frame.EXIT -> ended(frame);
      case Frame.REACHED -> reached(payload.getInt(0), frame);
      case Frame.LAGGED -> lagging.add(frame.id());
      case Frame.LOG -> followers.forEach(f -> f.accept(payload.getLong(0)));
      default -> frame.closeDescriptors();
    }
  }

  private void reached(int tag, Frame frame) {
    boolean isRoot = tag == ContainerPlan.HELD && !frame.descriptors().isEmpty();
    if (!isRoot || !held.complete(frame.descriptors().get(0))) {
      frame.closeDescriptors();
      CrashPoints.reached(tag);
    }
  }

  private synchronized void keepSupervisor(Frame frame) {
    for (int i = 0; i < frame.descriptors().size(); i++) {
      Fd fd = frame.descriptors().get(i);
      if (i == 0 && supervisor == null && !closed && !gone.isDone()) {
        supervisor = new Pidfd(fd);
        watchSupervisor(supervisor);
      } else {
        fd.close();
      }
    }
  }

  private void watchSupervisor(Pidfd process) {
    supervisorWatch =
        loop.watch(
            process.fd(),
            watch -> {
              if (!supervisorTaken.compareAndSet(false, true)) {
                return; // whoever closes this has it
              }
              try (process) {
                watch.end();
                process.reap();
                connection.link().receive();
                ended(null);
              } finally {
                gone.complete(null);
              }
            },
            this::lost);
  }

  private void ended(@Nullable Frame frame) {
    try {
      completeExit(frame);
    } catch (CorruptException | UncheckedIOException e) {
      exit.completeExceptionally(e);
    }
    started.completeExceptionally(
        new ConflictException(
            "the supervisor of " + place.id() + " was killed before its container started"));
  }

  private void completeExit(@Nullable Frame frame) {
    if (frame != null && frame.payload().remaining() >= ExitRecords.SIZE) {
      byte[] record = new byte[ExitRecords.SIZE];
      frame.payload().get(0, record);
      exit.complete(
          Optional.of(ExitRecords.decode(record, "the answer of the supervisor of " + place.id())));
    } else {
      exit.complete(ExitRecords.read(place.exit()));
    }
  }

  private CancelledException disconnected() {
    return new CancelledException("the engine was closed; container " + place.id() + " may run on");
  }

  /**
   * The end of a connection is not the container's: that is told by the end of the supervisor's
   * process, once it is known. A supervisor that has only cut the connection is met again, unless
   * it has said nothing yet and so would cut the next one too.
   */
  private void linkEnded() {
    if (!isSupervisorKnown()) {
      ended(null);
      gone.complete(null);
    } else if (!closed && !exit.isDone() && connection.link().wasAnswered()) {
      try {
        connection.renewed();
      } catch (ErrnoException | IllegalStateException refusal) {
        LOG.debug("the supervisor of {} cannot be reached now", place.id(), refusal);
      }
    }
  }

  private synchronized boolean isSupervisorKnown() {
    return supervisor != null;
  }

  /** What was not told in between: the log may have grown. */
  private void catchUp(SupervisorLink fresh) {
    if (!followers.isEmpty()) {
      CompletableFuture<?> unused = fresh.request(Frame.FOLLOW, new int[0]);
    }
    CompletableFuture<?> unused =
        fresh
            .request(Frame.STATE, new int[0])
            .thenAccept(
                frame -> {
                  frame.closeDescriptors();
                  long logBytes = frame.payload().getLong(16);
                  followers.forEach(f -> f.accept(logBytes));
                });
  }

  /** Completes when the first run's program is executed, exceptionally when it could not be. */
  public CompletableFuture<Instant> started() {
    return started;
  }

  /**
   * Completes with the root directory when a container is set up that is {@linkplain
   * dev.pinnace.internal.isolation.linux.plan.PlanRequest#held held}, exceptionally when it could
   * not be. It is closed with this.
   */
  public CompletableFuture<Fd> held() {
    return held;
  }

  /**
   * Opens the gate of the first run once the container's state is written; where that fails, the
   * container is ended.
   */
  public void releaseWhen(CompletionStage<?> recorded) {
    CompletionStage<?> unused =
        recorded.handle(
            (written, failure) ->
                failure == null
                    ? connection.link().request(Frame.START, new int[0])
                    : connection.link().request(Frame.STOP, new int[] {Signal.KILL.number(), 0}));
  }

  /** See {@link dev.pinnace.spi.isolation.RunningContainer#exit}. */
  public CompletableFuture<Optional<ExitRecord>> exit() {
    return exit;
  }

  /** See {@link dev.pinnace.spi.isolation.RunningContainer#gone}. */
  public CompletableFuture<Void> gone() {
    return gone;
  }

  public ContainerPlace place() {
    return place;
  }

  /**
   * What the supervisor says of itself.
   *
   * @param phase its number in the format
   * @param pid of the container's first process, as this JVM sees it
   * @param lastEnd how the last run ended that did; empty also where its supervisor is of an older
   *     version and does not tell
   */
  public record State(
      int phase,
      int restarts,
      Optional<Instant> started,
      OptionalInt pid,
      Optional<ExitRecord> lastEnd) {}

  /** Asks for the state. */
  public State state() {
    Frame frame = ask(Frame.STATE);
    adoptSupervisor(frame);
    try {
      OptionalInt pid = OptionalInt.empty();
      if (frame.descriptors().size() > 1) {
        try (Pidfd process = new Pidfd(frame.descriptors().get(1))) {
          pid = process.pid();
        }
      }
      ByteBuffer payload = frame.payload();
      long since = payload.getLong(8);
      return new State(
          payload.getInt(0),
          payload.getInt(4),
          since == 0 ? Optional.empty() : Optional.of(ExitRecords.instant(since)),
          pid,
          lastEnd(payload));
    } finally {
      frame.closeDescriptors();
    }
  }

  /** Asks for the container's first process, to be closed; empty while there is none. */
  public Optional<Pidfd> firstProcess() {
    Frame frame = ask(Frame.STATE);
    adoptSupervisor(frame);
    try {
      return frame.descriptors().size() > FIRST_PROCESS
          ? Optional.of(new Pidfd(frame.descriptors().get(FIRST_PROCESS).duplicate()))
          : Optional.empty();
    } finally {
      frame.closeDescriptors();
    }
  }

  /** The supervisor's number, as this JVM sees it. */
  public OptionalInt keeper() {
    Frame frame = ask(Frame.STATE);
    adoptSupervisor(frame);
    try {
      if (frame.descriptors().isEmpty()) {
        return OptionalInt.empty();
      }
      try (Pidfd process = new Pidfd(frame.descriptors().get(0).duplicate())) {
        return process.pid();
      }
    } finally {
      frame.closeDescriptors();
    }
  }

  private static Optional<ExitRecord> lastEnd(ByteBuffer payload) {
    if (payload.limit() < LAST_END + ExitRecords.SIZE) {
      return Optional.empty();
    }
    return ExitRecords.told(
        payload.slice(LAST_END, ExitRecords.SIZE).order(ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * Asks for the supervisor's process, for a connection that did not start it: its end alone tells
   * that all is cleaned up.
   *
   * @throws ConflictException if the supervisor ends the connection instead
   */
  public void meetSupervisor() {
    SupervisorLink link = connection.link();
    Frame frame;
    try {
      frame = await(link.request(Frame.STATE, new int[0]));
    } catch (ConflictException cut) {
      link.settle();
      throw link.gone(cut);
    }
    try {
      adoptSupervisor(frame);
    } finally {
      frame.closeDescriptors();
    }
  }

  private synchronized void adoptSupervisor(Frame frame) {
    if (supervisor == null && !closed && !gone.isDone() && !frame.descriptors().isEmpty()) {
      supervisor = new Pidfd(frame.descriptors().get(0).duplicate());
      watchSupervisor(supervisor);
    }
  }

  /** Asks for the container's root directory. */
  public Fd root() {
    Frame frame = ask(Frame.STATE);
    List<Fd> descriptors = frame.descriptors();
    for (int i = 0; i < descriptors.size(); i++) {
      if (i != ROOT) {
        descriptors.get(i).close();
      }
    }
    if (descriptors.size() <= ROOT) {
      throw new ConflictException(
          "container " + place.id() + " has no root directory now: it does not run");
    }
    return descriptors.get(ROOT);
  }

  /** Sends a signal to the container, or to the exec with that id. */
  public void signal(Signal signal, int exec) {
    ask(Frame.SIGNAL, signal.number(), exec);
  }

  /** Asks it to stop; empty values are the policy's. */
  public void stop(Optional<Signal> signal, Optional<Duration> grace) {
    int millis = grace.map(g -> (int) Math.min(Integer.MAX_VALUE, g.toMillis())).orElse(-1);
    ask(Frame.STOP, signal.map(Signal::number).orElse(0), millis);
  }

  /** Has it started again by another policy, in the format's numbers. */
  public void restartBy(int policy, int maximum) {
    ask(Frame.POLICY, policy, maximum);
  }

  /** Hears of new output until the result is closed. */
  public AutoCloseable follow(LongConsumer grown) {
    followers.add(grown);
    try {
      ask(Frame.FOLLOW);
    } catch (PinnaceException e) {
      followers.remove(grown);
      throw e;
    }
    return () -> followers.remove(grown);
  }

  /**
   * Attaches a client; the answer has the id by which it is {@linkplain #detach detached}.
   *
   * @param descriptors where output and errors go, and where input comes from, if any does
   */
  CompletableFuture<Frame> attach(int rows, int columns, Fd... descriptors) {
    return connected().request(Frame.ATTACH, new int[] {rows, columns}, descriptors);
  }

  /** Whether the supervisor has told that output was lost to the client; it tells that once. */
  boolean hasLagged(int attachment) {
    return lagging.remove(attachment);
  }

  /** Sets the size of the container's terminal. */
  void resize(int rows, int columns) {
    ask(Frame.RESIZE, rows, columns);
  }

  /** Detaches a client, if it still is attached, without waiting for an answer. */
  void detach(int attachment) {
    CompletableFuture<?> unused = connection.link().request(Frame.DETACH, new int[] {attachment});
  }

  /** How many answers and ends of execs are waited for. */
  int pending() {
    return connection.link().pending();
  }

  SupervisorLink.ExecRequest exec(boolean bound, Fd... descriptors) {
    return connected().exec(bound, descriptors);
  }

  /**
   * Leaves an exec alone: the supervisor tells its end. Never asked of another link than that which
   * has started it, for no other has it.
   *
   * @param descriptors the text of the event, and the exec's terminal if it has one
   * @return whether the exec has not ended yet
   */
  boolean leave(int exec, Fd... descriptors) {
    Frame answer = await(connection.link().request(Frame.LEAVE, new int[] {exec}, descriptors));
    answer.closeDescriptors();
    if (answer.type() != Frame.ERROR) {
      return true;
    }
    int errno = answer.payload().getInt(0);
    if (errno == Errno.ESRCH) {
      return false;
    }
    if (errno == Errno.ENOSYS) {
      throw new UnsupportedException(
          "leaving an exec alone",
          "the supervisor of the container, of the Pinnace that started it, does not know that",
          "restart the container");
    }
    throw new PinnaceException(
        "the supervisor of " + place.id() + " does not let go: " + Errno.describe(errno));
  }

  /** The link to a supervisor that lives, made anew where it was cut. */
  private SupervisorLink connected() {
    if (closed) {
      // Who removes a container that has ended closes its connection under others that use it.
      if (exit.isDone() && !exit.isCompletedExceptionally()) {
        throw new ConflictException("container " + place.id() + " has ended");
      }
      throw disconnected();
    }
    try {
      SupervisorLink present = connection.link();
      if (present.isClosed() && exit.isDone()) {
        throw new ConflictException("container " + place.id() + " has ended");
      }
      return connection.renewed();
    } catch (ErrnoException e) {
      if (e.is(Errno.ECONNREFUSED, Errno.ENOENT) && Waits.settle(gone, Replies.LIMIT)) {
        throw new ConflictException("container " + place.id() + " has ended", e);
      }
      throw new ConflictException("the supervisor of " + place.id() + " cannot be reached", e);
    }
  }

  /**
   * Asks again where the connection was cut, but never for a signal: it may have been sent.
   *
   * @throws ConflictException when the container has ended, and {@link #exit} is done then; or when
   *     its supervisor cannot be reached
   */
  private Frame answer(int type, int... words) {
    for (int attempt = 1; ; attempt++) {
      SupervisorLink link = connected();
      try {
        return await(link.request(type, words));
      } catch (ConflictException cut) {
        link.settle();
        if (attempt == ATTEMPTS || type == Frame.SIGNAL) {
          connected();
          throw link.gone(cut);
        }
      }
    }
  }

  private Frame ask(int type, int... words) {
    Frame answer = answer(type, words);
    if (answer.type() == Frame.ERROR) {
      int errno = answer.payload().getInt(0);
      answer.closeDescriptors();
      if (errno == Errno.ESRCH) {
        throw new ConflictException("container " + place.id() + " does not run");
      }
      throw new PinnaceException(
          "the supervisor of " + place.id() + " refused the request: " + Errno.describe(errno));
    }
    return answer;
  }

  private Frame await(CompletableFuture<Frame> answer) {
    try {
      return Waits.await(answer, replyLimit, "the supervisor of " + place.id());
    } catch (TimedOutException e) {
      SupervisorLink.abandon(answer);
      throw new TimedOutException(
          "the supervisor of container "
              + place.id().substring(0, Math.min(12, place.id().length()))
              + processNumber()
              + " has not answered within "
              + replyLimit.toSeconds()
              + " s: "
              + SupervisorLink.STOPPED,
          e);
    } catch (CancelledException e) {
      SupervisorLink.abandon(answer);
      throw e;
    }
  }

  /** As a person would name it; empty where it is not known. */
  private synchronized String processNumber() {
    try {
      OptionalInt pid = supervisor == null ? OptionalInt.empty() : supervisor.pid();
      return pid.isPresent() ? " (process " + pid.getAsInt() + ")" : "";
    } catch (IllegalStateException closed) {
      return ""; // it has ended this very moment
    }
  }

  /** Kills an exec as soon as it has started, without waiting for that. */
  void abandon(SupervisorLink.ExecRequest exec) {
    CompletableFuture<?> unused = exec.started().thenAccept(started -> kill(exec.id(), started));
  }

  private void kill(int exec, Frame started) {
    started.closeDescriptors();
    connection.link().kill(exec);
  }

  /** Kills the container, however far it has come, without waiting for an answer. */
  public void abandon() {
    CompletableFuture<?> unused =
        connection.link().request(Frame.STOP, new int[] {Signal.KILL.number(), 0});
  }

  /**
   * Ends the connection; the container goes on. Who waits for its end hears of that by a {@link
   * CancelledException}.
   */
  @Override
  public void close() {
    closed = true;
    connection.close();
    started.completeExceptionally(disconnected());
    held.completeExceptionally(disconnected());
    if (!held.isCompletedExceptionally()) {
      held.join().close();
    }
    exit.completeExceptionally(disconnected());
    letGo(disconnected());
  }

  /** Nothing more will be heard of the container: whoever waits is told, and it goes on. */
  private void lost(PinnaceException failure) {
    started.completeExceptionally(failure);
    exit.completeExceptionally(failure);
    letGo(failure);
  }

  private void letGo(PinnaceException reason) {
    Pidfd process;
    EventLoop.Watch watch;
    synchronized (this) {
      process = supervisor;
      watch = supervisorWatch;
    }
    if (process == null) {
      gone.completeExceptionally(reason);
    } else if (supervisorTaken.compareAndSet(false, true)) {
      if (watch != null) {
        watch.end();
      }
      gone.completeExceptionally(reason);
      process.leave(); // a bound one is a child of this JVM
    }
  }
}
