package dev.pinnace;

import dev.pinnace.error.NotFoundException;
import dev.pinnace.spec.AttachOptions;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.Change;
import dev.pinnace.spec.CommitSpec;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerPaths;
import dev.pinnace.spec.ContainerPort;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.CopyOptions;
import dev.pinnace.spec.ExecResult;
import dev.pinnace.spec.ExecSpec;
import dev.pinnace.spec.ExitStatus;
import dev.pinnace.spec.HostPort;
import dev.pinnace.spec.Limits;
import dev.pinnace.spec.PortBinding;
import dev.pinnace.spec.ProcessInfo;
import dev.pinnace.spec.Ready;
import dev.pinnace.spec.RestartPolicy;
import dev.pinnace.spec.Signal;
import dev.pinnace.spec.Stats;
import dev.pinnace.spec.WaitCondition;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A container: a handle that holds nothing, equal to another by engine root and id, useful in any
 * JVM. Thread-safe. Every method throws {@link dev.pinnace.error.NotFoundException} once it is
 * removed.
 */
public interface Container {
  ContainerId id();

  /** Its name; the last that is known once it is removed. */
  String name();

  /** Everything there is to know about it now. */
  ContainerState inspect();

  /**
   * The host's ports that lead to it while it runs, in the order in which they were asked for; they
   * are known before it is started. A port at all addresses has one for IPv4 and one for IPv6.
   */
  default List<PortBinding> ports() {
    return inspect().ports();
  }

  /**
   * Where a port of its TCP is reached from this host.
   *
   * @throws dev.pinnace.error.NotFoundException if it is not published
   */
  default HostPort port(int containerPort) {
    return port(ContainerPort.tcp(containerPort));
  }

  /**
   * Where a port of its is reached from this host: the first of several, IPv4 before IPv6.
   *
   * @throws dev.pinnace.error.NotFoundException if it is not published
   */
  default HostPort port(ContainerPort containerPort) {
    Objects.requireNonNull(containerPort, "containerPort");
    return ports().stream()
        .filter(binding -> binding.container().equals(containerPort))
        .findFirst()
        .map(PortBinding::host)
        .orElseThrow(
            () ->
                new NotFoundException(
                    "container "
                        + name()
                        + " has no published port "
                        + containerPort
                        + ": publish it when it is made, with publish(...), or -p"));
  }

  /**
   * Starts it; returns when its program runs.
   *
   * @throws dev.pinnace.error.ConflictException if it runs
   * @throws dev.pinnace.error.StartFailedException if a step fails
   */
  void start();

  /**
   * Starts it, hands its output on as it comes, byte for byte, and returns when it has ended and
   * everything was handed on; one that is removed at its end goes after that. A container that
   * writes faster than the consumers take it waits, as in a pipeline of a shell; only while it is
   * stopped or removed it waits no longer than that may take. Interrupting the caller kills it. A
   * consumer that throws ends the call, which throws the same; the container goes on. One with a
   * terminal is not started so, for that waits for nobody.
   *
   * @param stdin what it reads; empty for nothing
   * @param stdout gets pieces of standard output, on the caller's thread
   * @param stderr gets pieces of standard error, on the caller's thread
   * @throws dev.pinnace.error.ConflictException if it runs
   * @throws dev.pinnace.error.StartFailedException if a step fails
   * @throws dev.pinnace.error.CancelledException when interrupted
   */
  ExitStatus startAttached(byte[] stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * The same, fed from a stream as it comes. A thread of the engine reads it, no faster than the
   * container does, and closes the container's standard input at its end. The stream is not closed;
   * when the container has ended first, one more piece may be read of it and lost.
   */
  ExitStatus startAttached(InputStream stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * Starts it with somebody attached before its program begins, who so misses nothing; returns when
   * that runs. See {@link #attach}.
   *
   * @throws dev.pinnace.error.ConflictException if it runs
   * @throws dev.pinnace.error.StartFailedException if a step fails
   */
  Attachment startAttached(AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * Hands its output on as it comes from now on, over restarts by its policy too, and sends it what
   * {@code options} have, until the result is closed. The container never waits for it; several may
   * be attached at once, from several JVMs.
   *
   * @param stdout gets pieces of standard output, one at a time, on a thread of the engine; of a
   *     container with a terminal all that it shows
   * @param stderr gets pieces of standard error
   * @throws dev.pinnace.error.ConflictException if it does not run; if there is input, and it was
   *     not made with {@link dev.pinnace.spec.ContainerSpecBuilder#stdinOpen}, or reads what
   *     whoever started it sends; if it keeps no log and has no terminal, for its output goes
   *     nowhere then; if 64 are attached
   * @throws dev.pinnace.error.UnsupportedException if an older version has started it
   */
  Attachment attach(AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * Sends its stop signal, and SIGKILL after its stop timeout; returns when it has ended. One that
   * does not run is left as it is.
   */
  void stop();

  /**
   * The same with another timeout.
   *
   * @param grace zero kills at once; more than 24 days is 24 days
   * @throws dev.pinnace.error.InvalidSpecException if it is negative
   */
  void stop(Duration grace);

  /**
   * The same with another signal than its stop signal.
   *
   * @param signal what it gets first; it is not started again whatever that is
   * @throws dev.pinnace.error.InvalidSpecException if {@code grace} is negative
   */
  void stop(Signal signal, Duration grace);

  /**
   * Sends a signal to its first process. SIGKILL and the stop signal end its restart policy until
   * it is started again.
   *
   * @throws dev.pinnace.error.ConflictException if it does not run
   */
  void kill(Signal signal);

  /**
   * Stops it if it runs, and starts it; nobody can remove it in between, and one with auto-remove
   * is kept.
   */
  void restart();

  /** The same, with {@code grace} between stop signal and SIGKILL. */
  void restart(Duration grace);

  /** The same, with another signal than its stop signal. */
  void restart(Signal signal, Duration grace);

  /**
   * Its processes by pid, those of {@link #execute} and paused ones too; nothing is executed in it.
   *
   * @throws dev.pinnace.error.ConflictException if it does not run
   */
  List<ProcessInfo> top();

  /**
   * What it uses now, also while it is paused; nothing is executed in it. What this host does not
   * count is empty.
   *
   * @throws dev.pinnace.error.ConflictException if it does not run
   */
  Stats stats();

  /**
   * Calls {@code consumer} with what it uses, at once and after every {@code interval}, until it
   * has ended for good, be it to be started again, or the subscription is closed. One call at a
   * time, on a thread of the engine; a consumer that is slower than the interval gets fewer; an
   * exception in it ends the subscription, and comes out of {@link Subscription#await}. Over two of
   * them, {@link Stats#cpuPercentSince} tells the share of processors that it had in between.
   *
   * @throws dev.pinnace.error.InvalidSpecException if {@code interval} is less than a millisecond
   * @throws dev.pinnace.error.ConflictException if it does not run
   */
  Subscription onStats(Duration interval, Consumer<? super Stats> consumer);

  /**
   * Freezes all of its processes; one that is paused stays so.
   *
   * @throws dev.pinnace.error.ConflictException if it does not run
   * @throws dev.pinnace.error.UnsupportedException if this host has no freezer for it
   */
  void pause();

  /**
   * Lets its processes go on; those of one that is not paused do.
   *
   * @throws dev.pinnace.error.ConflictException if it does not run
   */
  void unpause();

  /** Where its files are; none need be there, as those of a log that is not kept. */
  ContainerPaths paths();

  /**
   * What it has written, as allocated on the disk: its own files, and those of the image that it
   * has changed, but not its log. With the storage driver {@code vfs} that is all of its files.
   * Every file is looked at.
   */
  Bytes size();

  /**
   * Gives it another name, whether it runs or not; the old one is free at once.
   *
   * @throws dev.pinnace.error.InvalidSpecException if no container can have that name: see {@link
   *     dev.pinnace.spec.ContainerName}
   * @throws dev.pinnace.error.ConflictException if a container has it, be it this one
   */
  void rename(String newName);

  /**
   * Limits it anew, whether it runs, is paused, or does not run: these limits are in force, and
   * recorded, instead of those before; restarts, also by its policy, keep them. Where one cannot be
   * set, none is. To change some of them begin with those it has: {@code
   * inspect().spec().limits().toBuilder()}.
   *
   * <p>Less memory than a running one uses is given only where the rest are caches of files, or can
   * be swapped out; what it takes while that is looked at, the kernel may kill it for.
   *
   * @throws dev.pinnace.error.UnsupportedException if this host cannot enforce one
   * @throws dev.pinnace.error.InvalidSpecException if it runs and the kernel refuses one
   * @throws dev.pinnace.error.ConflictException if it uses more memory than it would have
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; nothing is changed
   */
  void update(Limits limits);

  /**
   * Gives it another restart policy, at once and for good. One that has ended is not started by
   * that, and restarts so far count towards a maximum.
   *
   * @throws dev.pinnace.error.ConflictException if it is removed at its end, except for {@link
   *     RestartPolicy#never}
   */
  void update(RestartPolicy policy);

  /**
   * Removes it with its files; its volumes stay, unless it is one that is removed at its end.
   *
   * @param force kills it first; its supervisor too where that answers nobody for 45 s, which only
   *     root can
   * @throws dev.pinnace.error.ConflictException if it runs and {@code force} is false
   */
  void remove(boolean force);

  /**
   * The same.
   *
   * @param withVolumes whether its anonymous volumes go too, if no other container has them; those
   *     of one that is removed at its end go always
   */
  void remove(boolean force, boolean withVolumes);

  /**
   * Waits until it has ended for good. Where this engine saw it end, that is answered even after
   * its removal.
   *
   * @throws dev.pinnace.error.ConflictException at once if it was never started
   * @throws dev.pinnace.error.NotFoundException if it is removed, and this engine did not see it
   *     end
   * @throws dev.pinnace.error.CancelledException when interrupted, or if the engine is closed
   */
  ExitStatus await();

  /**
   * The same, not longer than {@code limit}, which may be as long as durations can be; a negative
   * one is none.
   *
   * @throws dev.pinnace.error.ConflictException at once if it was never started
   * @throws dev.pinnace.error.TimedOutException if it still runs then
   */
  ExitStatus await(Duration limit);

  /**
   * Waits for a condition; the exit code of its last run, {@link ExitStatus#UNKNOWN} where nobody
   * knows or there was none.
   *
   * @param limit the longest that is waited; a negative one is none
   * @throws dev.pinnace.error.ConflictException at once if it was never started, and it is waited
   *     for {@link WaitCondition#NOT_RUNNING}
   * @throws dev.pinnace.error.NotFoundException if it was removed before this was called, or is
   *     before what is waited for comes
   * @throws dev.pinnace.error.TimedOutException after {@code limit}
   * @throws dev.pinnace.error.CancelledException when interrupted, or if the engine is closed
   */
  int await(WaitCondition condition, Duration limit);

  /**
   * Waits until it is ready for use. One that its restart policy starts again is waited for; what
   * has held before that is not looked at again.
   *
   * <pre>{@code
   * Container web = pinnace.containers().start(image("nginx").network(NetworkMode.HOST));
   * web.awaitReady(Ready.port(80), Duration.ofSeconds(30));
   * }</pre>
   *
   * @param limit the longest that is waited; a negative one is none, within which a port or health
   *     is found that is there, but neither is a line read nor a command executed to its end
   * @throws dev.pinnace.error.NotReadyException if it ends for good before, or has ended; with its
   *     exit code and its last lines
   * @throws dev.pinnace.error.TimedOutException if it is not ready then; with its last lines
   * @throws dev.pinnace.error.ConflictException at once if it was never started, or has no log in
   *     which a line could be
   * @throws dev.pinnace.error.StartFailedException if a {@link Ready#command} cannot be executed
   * @throws dev.pinnace.error.CancelledException when interrupted, or if the engine is closed
   */
  void awaitReady(Ready ready, Duration limit);

  /** Runs a program in it to its end, without a time limit, and captures its output. */
  default ExecResult execute(String... command) {
    Objects.requireNonNull(command, "command");
    return execute(ExecSpec.of(command));
  }

  /**
   * Runs a program in it to its end and captures its output, in memory and up to {@link
   * ExecSpec#outputLimit}. One that its {@link ExecSpec#timeout} ends throws nothing: {@link
   * ExecResult#timedOut} says so. Interrupting the caller kills the program.
   *
   * @throws dev.pinnace.error.StartFailedException if the program cannot be executed
   * @throws dev.pinnace.error.ConflictException if the container does not run, or is paused
   * @throws dev.pinnace.error.CancelledException when interrupted
   */
  ExecResult execute(ExecSpec spec);

  /**
   * Runs a program in it and hands its output on as it comes, all of it; returns its exit code. A
   * consumer that throws ends the call, which throws the same, and the program is killed;
   * interrupting the caller kills it too.
   *
   * @param stdout gets pieces of standard output, one at a time, on a thread of the engine
   * @param stderr gets pieces of standard error
   * @throws dev.pinnace.error.StartFailedException if the program cannot be executed
   * @throws dev.pinnace.error.ConflictException if the container does not run, or is paused
   * @throws dev.pinnace.error.TimedOutException if it was killed at its {@link ExecSpec#timeout}
   * @throws dev.pinnace.error.CancelledException when interrupted
   */
  int execute(ExecSpec spec, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * The same, fed from a stream as {@link #startAttached(InputStream, Consumer, Consumer)} is.
   *
   * @throws dev.pinnace.error.InvalidSpecException if {@code spec} has bytes to read too
   */
  int execute(ExecSpec spec, InputStream stdin, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * Starts a program in it and returns when it runs: to resize its terminal, signal it, and wait
   * for it. {@link ExecSpec#outputLimit} makes no difference.
   *
   * @param stdout gets pieces of standard output, one at a time, on a thread of the engine
   * @param stderr gets pieces of standard error; nothing where there is a terminal
   * @throws dev.pinnace.error.StartFailedException if the program cannot be executed
   * @throws dev.pinnace.error.ConflictException if the container does not run, or is paused
   * @throws dev.pinnace.error.InvalidSpecException if {@code spec} has bytes to read or a time
   *     limit
   * @throws dev.pinnace.error.UnsupportedException if it has a terminal, and an older version has
   *     started the container
   */
  Exec exec(ExecSpec spec, AttachOptions options, Consumer<byte[]> stdout, Consumer<byte[]> stderr);

  /**
   * Starts a program in it and lets it run, also after the end of this JVM; its output goes
   * nowhere. A terminal, if it has one, is held until its end, or until it closes all of its own
   * ends of that, when it is hung up. Its end is told by an event, whoever lives then, unless it
   * outlives the container (which it may with the host's processes).
   *
   * @throws dev.pinnace.error.StartFailedException if the program cannot be executed
   * @throws dev.pinnace.error.ConflictException if the container does not run, or is paused
   * @throws dev.pinnace.error.InvalidSpecException if it has a time limit, for nobody waits for it,
   *     or a terminal and bytes to read, for nobody would type them
   * @throws dev.pinnace.error.UnsupportedException if it has a terminal, and an older version has
   *     started the container
   */
  void executeDetached(ExecSpec spec);

  /** Its output. */
  Logs logs();

  /**
   * Writes its files as a tar, whether it runs or not: what {@code docker export} writes. What is
   * mounted in it is not among them. Sockets are left out, times are in seconds. What a running
   * container changes meanwhile may be there as it was or as it is.
   *
   * @param out is flushed and not closed
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  void export(OutputStream out);

  /** The same to a file, which appears whole or not at all. */
  void export(Path file);

  /**
   * Copies a file or directory of the host into it, as {@code docker cp} does, whether it runs, is
   * paused, or does not run: then it is set up for the copy without its program, and nobody starts,
   * renames or removes it meanwhile. What is mounted in it is written to, too. A directory that is
   * there gets the copy in it, and for {@code source/.} what is in the source; otherwise the copy
   * takes that name. Modes, times in seconds, extended attributes, hard links and holes are kept;
   * in a directory sockets and what the kernel makes up, such as proc(5), are left out.
   *
   * @param path in the container; a relative one begins at its root. The directory above must be
   *     there. Links are followed within the container
   * @throws dev.pinnace.error.NotFoundException if there is no source, or no directory for the copy
   * @throws dev.pinnace.error.ConflictException if a directory would replace something else, or be
   *     replaced; if the container ends meanwhile, or is between two runs; if it does not run and
   *     the place is a tmpfs, which begins empty at each start
   * @throws dev.pinnace.error.InvalidSpecException if the source is a socket or the kernel's own
   * @throws dev.pinnace.error.UnsupportedException if this process cannot make files there: an
   *     ordinary user cannot keep owners, and nobody copies to a tmpfs in a user namespace
   * @throws dev.pinnace.error.StartFailedException if a container that does not run cannot be set
   *     up
   * @throws dev.pinnace.error.TimedOutException if somebody else changes it for a minute
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; what has been copied
   *     stays, as after every other failure on the way
   */
  default void copyIn(Path source, String path) {
    copyIn(source, path, CopyOptions.DEFAULTS);
  }

  /** The same, with options. */
  void copyIn(Path source, String path, CopyOptions options);

  /**
   * Unpacks a tar into a directory of it, which must be there and keeps its own attributes; as
   * {@link #copyIn(Path, String)}.
   *
   * @param tar plain, or compressed with gzip, zstd, bzip2 or xz; it is read to its end and not
   *     closed. At most 64 GiB of files and two million entries
   * @throws dev.pinnace.error.CorruptException if the archive is damaged
   * @throws dev.pinnace.error.InvalidSpecException if an entry is refused; it is named
   */
  void copyIn(InputStream tar, String directory, CopyOptions options);

  /**
   * Copies a file or directory of it to the host, by the rules of {@link #copyIn(Path, String)}.
   * What the container does meanwhile cannot lead the copy out of its place; it may be there as it
   * was or as it is.
   */
  default void copyOut(String path, Path target) {
    copyOut(path, target, CopyOptions.DEFAULTS);
  }

  /** The same, with options. */
  void copyOut(String path, Path target, CopyOptions options);

  /**
   * Writes a file or directory of it as a tar, under its own name, with the owners that it has in
   * the container; {@code dir/.} is what is in it, under no name.
   *
   * @param tar is flushed and not closed
   * @param options its owners make no difference
   */
  void copyOut(String path, OutputStream tar, CopyOptions options);

  /**
   * What it has changed of its image's files, by path, whether it runs or not; a directory with
   * changes in it is changed, too, and of a directory that is gone nothing else is told. What is
   * mounted in it is not looked at, and what was made to mount it on is no change, though
   * directories that were made above that are. A running container may change more meanwhile.
   *
   * @throws dev.pinnace.error.ConflictException if it is removed meanwhile
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted
   */
  List<Change> diff();

  /**
   * Makes an image of it: its image's layers and one of what it changed, configured as this
   * container is. Started from it, a container has the same files.
   *
   * @throws dev.pinnace.error.NotFoundException if its image is not here any more
   * @throws dev.pinnace.error.InvalidSpecException if a change is wrong
   * @throws dev.pinnace.error.UnsupportedException if it runs and cannot be paused here: then
   *     {@link CommitSpec#withoutPause}
   * @throws dev.pinnace.error.ConflictException if it is started or removed meanwhile
   * @throws dev.pinnace.error.CancelledException if the thread is interrupted; nothing is kept
   */
  Image commit(CommitSpec spec);
}
