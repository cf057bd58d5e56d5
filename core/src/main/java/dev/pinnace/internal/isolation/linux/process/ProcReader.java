package dev.pinnace.internal.isolation.linux.process;

import dev.pinnace.linux.Reasons;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ProcessInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads what proc says of processes. Those that have ended are not there. */
final class ProcReader {
  private static final int LONGEST_COMMAND = 4096;

  private final Path proc;

  ProcReader(Path proc) {
    this.proc = proc;
  }

  /** All processes in sight. */
  List<Long> all() throws IOException {
    List<Long> pids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      entries.forEach(entry -> pids.add(Long.valueOf(entry.getFileName().toString())));
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return pids;
  }

  /** The line that tells most. */
  Optional<ProcStat> stat(long pid) {
    return text(pid, "stat").map(ProcStat::parse);
  }

  /** Whether it has a file open that {@code /proc/pid/fd} calls by one of these names. */
  boolean hasOpen(long pid, Set<String> names) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(file(pid, "fd"))) {
      for (Path link : open) {
        if (names.contains(Files.readSymbolicLink(link).toString())) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException ended) {
      return false;
    }
  }

  /** When this host was booted, by its own clock. */
  Instant boot() {
    try {
      String uptime = Files.readString(proc.resolve("uptime"));
      double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
      return Instant.now().minus(Duration.ofMillis(Math.round(seconds * 1000)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read how long this host runs", e);
    }
  }

  /** Everything about one. */
  Optional<ProcessInfo> info(long pid, Instant boot) {
    Optional<ProcStat> stat = stat(pid);
    Optional<String> status = text(pid, "status");
    if (stat.isEmpty() || status.isEmpty()) {
      return Optional.empty();
    }
    ProcStat known = stat.get();
    return Optional.of(
        new ProcessInfo(
            pid,
            known.parent(),
            number(status.get(), "NSpid", Integer.MAX_VALUE).orElse(pid),
            number(status.get(), "Uid", 1).orElse(0L),
            known.state(),
            boot.plus(known.started()),
            known.cpuTime(),
            Bytes.of(number(status.get(), "VmRSS", 0).orElse(0L) * 1024),
            Bytes.of(Math.max(0, known.virtualSize())),
            known.threads(),
            known.terminalName(),
            known.name(),
            command(pid).orElse("[" + known.name() + "]")));
  }

  /** The number at {@code index} of a line, or the last. */
  private static Optional<Long> number(String status, String name, int index) {
    return status
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip().split("\\s+"))
        .map(words -> Long.valueOf(words[Math.min(index, words.length - 1)]))
        .findFirst();
  }

  private Optional<String> command(long pid) {
    try (InputStream in = Files.newInputStream(file(pid, "cmdline"))) {
      String command = new String(in.readNBytes(LONGEST_COMMAND), StandardCharsets.UTF_8);
      return Optional.of(command.replace('\0', ' ').strip()).filter(text -> !text.isEmpty());
    } catch (IOException failure) {
      return ended(failure);
    }
  }

  private Optional<String> text(long pid, String name) {
    try {
      return Optional.of(Files.readString(file(pid, name), StandardCharsets.ISO_8859_1));
    } catch (IOException failure) {
      return ended(failure);
    }
  }

  /** Whatever else a process may keep from us is that of one which is none of ours. */
  private static Optional<String> ended(IOException failure) {
    if (Reasons.isTooManyFiles(failure)) {
      throw new UncheckedIOException("cannot read about a process", failure);
    }
    return Optional.empty();
  }

  private Path file(long pid, String name) {
    return proc.resolve(Long.toString(pid)).resolve(name);
  }
}
