package dev.pinnace.examples.cli;

import dev.pinnace.Pinnace;
import dev.pinnace.error.Printable;
import dev.pinnace.spec.ProcessInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "top",
    description = {
      "Lists the processes of a container, as ps -ef does.",
      "PID and UID are those of this host; C is the share of one processor in percent, and CMD"
          + " what the process says of itself."
    })
final class TopCommand extends EngineCommand {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT);
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("MMMdd", Locale.ENGLISH);

  @Parameters(paramLabel = "CONTAINER", description = "Name or id.")
  private String container;

  @Override
  int execute(Pinnace pinnace) {
    Instant now = Instant.now();
    Table table = new Table();
    table.row("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD");
    for (ProcessInfo process : pinnace.containers().get(container).top()) {
      table.row(
          Long.toString(process.uid()),
          Long.toString(process.pid()),
          Long.toString(process.parent()),
          Long.toString(share(process, now)),
          start(process.started(), now),
          process.terminal(),
          time(process.cpuTime()),
          Printable.line(process.command()));
    }
    table.print(out());
    return OK;
  }

  private static long share(ProcessInfo process, Instant now) {
    long age = Math.max(1, Duration.between(process.started(), now).toMillis());
    return process.cpuTime().toMillis() * 100 / age;
  }

  private static String start(Instant at, Instant now) {
    boolean today = Duration.between(at, now).compareTo(Duration.ofDays(1)) < 0;
    return (today ? TIME : DAY).withZone(ZoneId.systemDefault()).format(at);
  }

  private static String time(Duration cpu) {
    return String.format(
        Locale.ROOT, "%02d:%02d:%02d", cpu.toHours(), cpu.toMinutesPart(), cpu.toSecondsPart());
  }
}
