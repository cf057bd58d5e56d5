package dev.pinnace.examples.cli;

import dev.pinnace.event.TransferProgress;
import dev.pinnace.event.TransferProgress.Phase;
import dev.pinnace.spec.Digest;
import java.io.PrintWriter;
import java.util.Map;

/** A line whenever a layer comes to something new, for logs and pipes. */
final class ProgressLines extends TransferDisplay {
  private final PrintWriter out;
  private final boolean push;

  ProgressLines(PrintWriter out, boolean push) {
    this.out = out;
    this.push = push;
  }

  @Override
  void show(Map<Digest, TransferProgress> all, TransferProgress changed, boolean entered) {
    if (entered && changed.phase() != Phase.DOWNLOADING && changed.phase() != Phase.UPLOADING) {
      String word =
          changed.phase() == Phase.UNPACKING ? "Download complete" : word(changed.phase(), push);
      out.println(changed.blob().shortHex() + ": " + word);
    }
  }
}
