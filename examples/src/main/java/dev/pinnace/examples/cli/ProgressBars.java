package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A line for each layer, drawn again in its place (ECMA-48: cursor up, erase to the end of the
 * line). Where there are more layers than the terminal has rows, those that have ended scroll away
 * from the top.
 */
final class ProgressBars extends TransferDisplay {
  private static final int WIDEST = 50;

  /** What stands beside a bar at most: id, word, sizes. */
  private static final int BESIDE = 54;

  private final PrintWriter out;
  private final Terminal terminal;
  private final boolean push;
  private int scrolledAway;
  private int drawn;

  ProgressBars(PrintWriter out, Terminal terminal, boolean push) {
    this.out = out;
    this.push = push;
    this.terminal = terminal;
  }

  @Override
  void show(Map<Digest, TransferProgress> all, TransferProgress changed, boolean entered) {
    List<TransferProgress> lines = new ArrayList<>(all.values());
    StringBuilder screen = new StringBuilder();
    if (drawn > 0) {
      screen.append("\033[").append(drawn).append('A');
    }
    int room = Math.max(1, terminal.rows() - 1);
    while (lines.size() - scrolledAway > room && ended(lines.get(scrolledAway))) {
      line(screen, lines.get(scrolledAway++));
    }
    int last = Math.min(lines.size(), scrolledAway + room);
    for (TransferProgress progress : lines.subList(scrolledAway, last)) {
      line(screen, progress);
    }
    drawn = last - scrolledAway;
    out.print(screen);
    out.flush();
  }

  private void line(StringBuilder screen, TransferProgress progress) {
    String text = text(progress, terminal.columns(), push);
    screen.append('\r').append(text).append("\033[K\n");
  }

  /** A layer's line, never as long as the terminal is wide: it would wrap. */
  static String text(TransferProgress progress, int columns, boolean pushed) {
    StringBuilder line = new StringBuilder(progress.blob().shortHex()).append(": ");
    line.append(word(progress.phase(), pushed));
    boolean moves = progress.phase() == Phase.DOWNLOADING || progress.phase() == Phase.UPLOADING;
    if (moves && progress.total() > 0) {
      int bar = Math.min(WIDEST, columns - BESIDE);
      if (bar >= 5) {
        int full = (int) (Math.min(progress.current(), progress.total()) * bar / progress.total());
        line.append(" [").append("=".repeat(full));
        line.append(full < bar ? ">" : "").append(" ".repeat(Math.max(0, bar - full - 1)));
        line.append(']');
      }
      line.append("  ").append(Sizes.of(progress.current()));
      line.append('/').append(Sizes.of(progress.total()));
    }
    return line.length() < columns ? line.toString() : line.substring(0, Math.max(0, columns - 1));
  }
}
