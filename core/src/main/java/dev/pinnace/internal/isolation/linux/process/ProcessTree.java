package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.process.Pidfd;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A program of a container and all that it has started: what is in its session, descends from it,
 * or is in a session with a process that can write its output. They are stopped first, until there
 * are no more of them, so that none forks meanwhile, and then killed. One that has begun a session
 * of its own, whose parent has ended, and whose output goes elsewhere, as that of daemons does,
 * cannot be told from other processes of the container and goes on.
 */
public final class ProcessTree implements AutoCloseable {
  private static final ProcReader PROC = new ProcReader(Path.of("/proc"));
  private static final int SIGKILL = 9;
  private static final int SIGSTOP = 19;

  /** Processes of the container may let stopped ones go on. */
  private static final int MOST_LOOKS = 50;

  private final Set<Long> sessions = new HashSet<>();
  private final Set<String> output;
  private final long first;
  private final Map<Long, Pidfd> stopped = new HashMap<>();

  private ProcessTree(OptionalInt leader, Set<String> output, long first) {
    leader.ifPresent(pid -> sessions.add((long) pid));
    this.output = Set.copyOf(output);
    this.first = first;
  }

  /**
   * Kills them.
   *
   * @param leader the program, which began a session and may have ended; empty where it is not
   *     known
   * @param output what {@code /proc/pid/fd} calls its output
   * @param first process of the container, which is spared, and so is its session
   * @param container the processes of its container now: no others are touched
   */
  public static void kill(
      OptionalInt leader, Set<String> output, long first, Supplier<Set<Long>> container) {
    try (ProcessTree tree = new ProcessTree(leader, output, first)) {
      tree.stopAll(container);
    }
  }

  private void stopAll(Supplier<Set<Long>> container) {
    int looks = 0;
    while (looks < MOST_LOOKS && stopNew(container.get())) {
      looks++;
    }
  }

  /** Stops those that are not known yet: whether there were any. */
  private boolean stopNew(Set<Long> container) {
    Map<Long, ProcStat> there = new HashMap<>();
    for (Long pid : container) {
      PROC.stat(pid).filter(stat -> !stat.hasEnded()).ifPresent(stat -> there.put(pid, stat));
    }
    there.remove(first);
    there.forEach(this::addSession);
    List<Long> found = new ArrayList<>();
    for (Long pid : there.keySet()) {
      if (!stopped.containsKey(pid) && belongs(pid, there)) {
        found.add(pid);
      }
    }
    boolean any = false;
    for (Long pid : found) {
      any |= stop(pid, there);
    }
    return any;
  }

  private void addSession(Long pid, ProcStat stat) {
    boolean known = sessions.contains(stat.session()) || stat.session() == first;
    if (!known && PROC.hasOpen(pid, output)) {
      sessions.add(stat.session());
    }
  }

  /** What was read one after the other may go round in circles. */
  private boolean belongs(Long pid, Map<Long, ProcStat> there) {
    Long at = pid;
    for (int steps = 0; steps <= there.size(); steps++) {
      ProcStat stat = there.get(at);
      if (stat == null) {
        return false;
      }
      if (sessions.contains(at) || sessions.contains(stat.session()) || stopped.containsKey(at)) {
        return true;
      }
      at = stat.parent();
    }
    return false;
  }

  /** Another process may have got the number meanwhile. */
  private boolean stop(Long pid, Map<Long, ProcStat> there) {
    Optional<Pidfd> opened = open(pid);
    if (opened.isEmpty()) {
      return false;
    }
    Pidfd process = opened.get();
    try {
      if (isSame(pid, there) && process.signal(SIGSTOP)) {
        stopped.put(pid, process);
        return true;
      }
      return false;
    } finally {
      if (!stopped.containsKey(pid)) {
        process.close();
      }
    }
  }

  private static boolean isSame(Long pid, Map<Long, ProcStat> there) {
    return PROC.stat(pid)
        .filter(now -> there.containsKey(pid) && now.started().equals(there.get(pid).started()))
        .isPresent();
  }

  private static Optional<Pidfd> open(Long pid) {
    try {
      return Optional.of(Pidfd.open(pid.intValue()));
    } catch (ErrnoException refusal) {
      if (refusal.is(Errno.ESRCH, Errno.EINVAL)) { // it has ended
        return Optional.empty();
      }
      throw refusal;
    }
  }

  /** Kills those that are stopped, also where not all could be: else they stay so for ever. */
  @Override
  public void close() {
    try {
      stopped.values().forEach(process -> process.signal(SIGKILL));
    } finally {
      stopped.values().forEach(Pidfd::close);
    }
  }
}
