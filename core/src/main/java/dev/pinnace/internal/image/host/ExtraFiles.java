package dev.pinnace.internal.image.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Files and directories that go into an image beside its programs, with the libraries that the ELF
 * files among them need. What this host lacks of these is remarked upon: a directory may well have
 * files that nobody uses.
 */
final class ExtraFiles {
  /** So many files of each are looked at: opening all of a large tree would take long. */
  private static final int MOST_LOOKED_AT = 100_000;

  /** So many are named in a remark. */
  private static final int MOST_NAMED = 5;

  /** What a loader or library is called before its path. */
  private static final Pattern KIND = Pattern.compile("^the (loader|library) ");

  private final HostTree tree;
  private final HostPrograms programs;
  private final List<String> unseen = new ArrayList<>();

  /** By what is missing, one file that needs it. */
  private final Map<String, Path> missing = new TreeMap<>();

  ExtraFiles(HostTree tree, HostPrograms programs) {
    this.tree = tree;
    this.programs = programs;
  }

  void add(HostImage.Extra extra) throws IOException {
    List<Path> files =
        extra.at().isPresent()
            ? tree.addAt(extra.path(), extra.at().get())
            : tree.addWhole(extra.path());
    for (Path file : files.subList(0, Math.min(files.size(), MOST_LOOKED_AT))) {
      programs.addNeeded(
          file, (object, what) -> missing.putIfAbsent(what, object), extra.at().isPresent());
    }
    if (files.size() > MOST_LOOKED_AT) {
      unseen.add(
          extra.path()
              + " has "
              + files.size()
              + " files: what libraries they need was looked up for the first "
              + MOST_LOOKED_AT
              + " only");
    }
  }

  /** What the caller should know, once all is added: what is missing, and was not looked at. */
  List<String> remarks() throws IOException {
    List<String> remarks = new ArrayList<>(unseen);
    List<Map.Entry<String, Path>> lacking = new ArrayList<>();
    for (Map.Entry<String, Path> entry : missing.entrySet()) {
      if (!isThere(KIND.matcher(entry.getKey()).replaceFirst(""))) {
        lacking.add(entry);
      }
    }
    lacking.stream()
        .limit(MOST_NAMED)
        .forEach(
            entry ->
                remarks.add(
                    entry.getValue() + " needs " + entry.getKey() + ", which is not on this host"));
    if (lacking.size() > MOST_NAMED) {
      remarks.add(
          (lacking.size() - MOST_NAMED) + " more libraries that files need are not on this host");
    }
    return remarks;
  }

  /** What has no directory may be loaded before it is needed, wherever it is in the image. */
  private boolean isThere(String path) throws IOException {
    return path.startsWith("/")
        ? tree.hasFile(Path.of(path))
        : tree.hasFileNamed(path.substring(path.lastIndexOf('/') + 1));
  }
}
