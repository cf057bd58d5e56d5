package dev.pinnace.spec;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A process of a container at one moment (proc(5), {@code /proc/pid/stat} and {@code status}). Its
 * command line is what the process says of itself: any text.
 *
 * @param pid as this JVM sees it
 * @param parent its parent's as this JVM sees it; 0 where that is out of sight
 * @param innerPid as the container sees it
 * @param uid of its effective user as this JVM sees it
 * @param state its letter: R runs, S and D wait, T is stopped, Z has ended and is not waited for
 * @param started when, exact to some 10 ms
 * @param cpuTime of all its threads, exact to 10 ms
 * @param resident memory
 * @param virtualSize its address space
 * @param threads how many
 * @param terminal its controlling terminal, as in {@code pts/0}; {@code ?} for none
 * @param name of its program, 15 bytes at most, unless it has given itself another
 * @param command its arguments with blanks between them, 4096 bytes at most; of one without
 *     arguments its name in brackets
 */
public record ProcessInfo(
    long pid,
    long parent,
    long innerPid,
    long uid,
    char state,
    Instant started,
    Duration cpuTime,
    Bytes resident,
    Bytes virtualSize,
    int threads,
    String terminal,
    String name,
    String command) {
  public ProcessInfo {
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(cpuTime, "cpuTime");
    Objects.requireNonNull(resident, "resident");
    Objects.requireNonNull(virtualSize, "virtualSize");
    Objects.requireNonNull(terminal, "terminal");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(command, "command");
  }
}
