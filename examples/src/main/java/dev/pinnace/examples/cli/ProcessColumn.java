package dev.pinnace.examples.cli;

import dev.pinnace.error.Printable;
import dev.pinnace.spec.Bytes;
import dev.pinnace.spec.ProcessInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A column of ps(1) about a process.
 *
 * @param title at its head
 * @param text what it says at a moment
 */
record ProcessColumn(String title, BiFunction<ProcessInfo, Instant, String> text) {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMdd", Locale.ENGLISH);
  private static final long KIBI = 1024;

  /** By the names that -o of ps knows them by. */
  private static final Map<String, ProcessColumn> KNOWN = new TreeMap<>();

  static {
    add("UID", (p, now) -> Long.toString(p.uid()), "uid", "euid");
    add("USER", (p, now) -> Long.toString(p.uid()), "user", "euser");
    add("PID", (p, now) -> Long.toString(p.pid()), "pid", "tgid");
    add("PPID", (p, now) -> Long.toString(p.parent()), "ppid");
    add("C", (p, now) -> Long.toString((long) share(p, now)), "c");
    add("%CPU", (p, now) -> tenths(share(p, now)), "%cpu", "pcpu");
    add("%MEM", (p, now) -> tenths(memoryShare(p.resident(), memory())), "%mem", "pmem");
    add("VSZ", (p, now) -> Long.toString(p.virtualSize().count() / KIBI), "vsz", "vsize");
    add("RSS", (p, now) -> Long.toString(p.resident().count() / KIBI), "rss", "rsz");
    add("NLWP", (p, now) -> Integer.toString(p.threads()), "nlwp", "thcount");
    add("S", (p, now) -> Character.toString(p.state()), "s", "state");
    add("STAT", (p, now) -> Character.toString(p.state()), "stat");
    add("STIME", (p, now) -> start(p.started(), now), "stime");
    add("START", (p, now) -> start(p.started(), now), "start", "start_time", "bsdstart");
    add("TTY", (p, now) -> p.terminal(), "tty", "tt", "tname");
    add("TIME", (p, now) -> time(p.cpuTime()), "time", "cputime");
    add("TIME", (p, now) -> minutes(p.cpuTime()), "bsdtime");
    add("ELAPSED", (p, now) -> elapsed(Duration.between(p.started(), now)), "etime");
    add("COMMAND", (p, now) -> Printable.line(p.name()), "comm", "ucomm");
    add("CMD", (p, now) -> Printable.line(p.name()), "ucmd");
    add("CMD", (p, now) -> Printable.line(p.command()), "cmd");
    add("COMMAND", (p, now) -> Printable.line(p.command()), "args", "command");
  }

  private static void add(
      String title, BiFunction<ProcessInfo, Instant, String> text, String... names) {
    for (String name : names) {
      KNOWN.put(name, new ProcessColumn(title, text));
    }
  }

  static boolean isKnown(String name) {
    return KNOWN.containsKey(name);
  }

  /** All names, in their order. */
  static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  static ProcessColumn of(String name) {
    return Objects.requireNonNull(KNOWN.get(name), name);
  }

  String cell(ProcessInfo process, Instant now) {
    return text.apply(process, now);
  }

  /** Of one processor, in percent. */
  private static double share(ProcessInfo process, Instant now) {
    long age = Math.max(1, Duration.between(process.started(), now).toMillis());
    return process.cpuTime().toMillis() * 100.0 / age;
  }

  static double memoryShare(Bytes resident, long memory) {
    return memory == 0 ? 0 : resident.count() * 100.0 / memory;
  }

  /** What this host has, in bytes; 0 where it does not say. */
  private static long memory() {
    try {
      return Files.readString(Path.of("/proc/meminfo"))
          .lines()
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
          .findFirst()
          .orElse(0);
    } catch (IOException unknown) {
      return 0;
    }
  }

  private static String tenths(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }

  private static String start(Instant at, Instant now) {
    boolean today = Duration.between(at, now).compareTo(Duration.ofDays(1)) < 0;
    return (today ? TIME : DAY).withZone(ZoneId.systemDefault()).format(at);
  }

  private static String time(Duration cpu) {
    return String.format(
        Locale.ROOT, "%02d:%02d:%02d", cpu.toHours(), cpu.toMinutesPart(), cpu.toSecondsPart());
  }

  private static String minutes(Duration cpu) {
    return String.format(Locale.ROOT, "%d:%02d", cpu.toMinutes(), cpu.toSecondsPart());
  }

  private static String elapsed(Duration age) {
    String minutes =
        String.format(Locale.ROOT, "%02d:%02d", age.toMinutesPart(), age.toSecondsPart());
    if (age.toHours() == 0) {
      return minutes;
    }
    String hours = String.format(Locale.ROOT, "%02d:%s", age.toHoursPart(), minutes);
    return age.toDays() == 0 ? hours : age.toDays() + "-" + hours;
  }
}
