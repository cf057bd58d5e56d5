package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A line whenever a layer comes to something new, for logs and pipes. */
final class ProgressLines extends TransferDisplay {
  private final PrintWriter out;
  private final Set<Digest> pushed = new HashSet<>();

  ProgressLines(PrintWriter out) {
    this.out = out;
  }

  @Override
  void show(Map<Digest, TransferProgress> all, TransferProgress changed, boolean entered) {
    if (changed.phase() == Phase.UPLOADING) {
      pushed.add(changed.blob());
    }
    if (entered && changed.phase() != Phase.DOWNLOADING) {
      boolean push = pushed.contains(changed.blob());
      String word =
          changed.phase() == Phase.UNPACKING ? "Download complete" : word(changed.phase(), push);
      out.println(changed.blob().shortHex() + ": " + word);
    }
  }
}
