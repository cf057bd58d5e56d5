package dev.pinnace.internal.layer;

import dev.pinnace.linux.file.FileType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes changes as a layer; what its names cannot say is left out. For one thread. */
final class DiffArchive implements DiffSink {
  private final TreeEntries entries;
  private final List<String> unfit = new ArrayList<>();

  DiffArchive(TreeEntries entries) {
    this.entries = entries;
  }

  /** Paths that were left out, for their names are those of deletions. */
  List<String> unfit() {
    return unfit;
  }

  @Override
  public boolean takes(String path) {
    boolean fits = !path.startsWith(LayerPath.WHITEOUT, path.lastIndexOf('/') + 1);
    if (!fits) {
      unfit.add(path);
    }
    return fits;
  }

  @Override
  public void root(Found now) throws IOException {
    entries.directory(".", now);
  }

  @Override
  public void directory(String path, Found now, boolean isNew) throws IOException {
    entries.directory(path, now);
  }

  @Override
  public boolean opaque(String path) throws IOException {
    entries.opaque(path);
    return true;
  }

  @Override
  public void file(String path, Found now, Optional<Found> before) throws IOException {
    boolean written = entries.file(path, now);
    if (!written && before.isPresent() && now.stat().type() == FileType.SOCKET) {
      entries.whiteout(path); // no layer holds a socket, but what it replaced is gone
    }
  }

  @Override
  public void deleted(String path) throws IOException {
    entries.whiteout(path);
  }
}
