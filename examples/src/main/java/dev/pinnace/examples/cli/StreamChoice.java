package dev.pinnace.examples.cli;

import dev.pinnace.error.InvalidSpecException;
import java.io.FileDescriptor;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The streams of a container in the foreground that are passed on, as {@code --attach} names them.
 *
 * @param stdin whether it gets our standard input, where it takes any
 * @param stdout whether its standard output is shown
 * @param stderr whether its standard error is shown
 */
record StreamChoice(boolean stdin, boolean stdout, boolean stderr) {
  static final StreamChoice ALL = new StreamChoice(true, true, true);

  private static final Set<String> NAMES = Set.of("stdin", "stdout", "stderr");

  /** Those that are named, in upper or lower case; all where none is. */
  static StreamChoice of(List<String> names) {
    Set<String> chosen =
        names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    for (String name : names) {
      if (!NAMES.contains(name.toLowerCase(Locale.ROOT))) {
        throw new InvalidSpecException(
            "--attach " + name + " is no stream: use stdin, stdout or stderr");
      }
    }
    return chosen.isEmpty()
        ? ALL
        : new StreamChoice(
            chosen.contains("stdin"), chosen.contains("stdout"), chosen.contains("stderr"));
  }

  /** Whether nothing is shown. */
  boolean isSilent() {
    return !stdout && !stderr;
  }

  Consumer<byte[]> out() {
    return stdout ? bytes -> Streams.write(FileDescriptor.out, bytes) : bytes -> {};
  }

  Consumer<byte[]> err() {
    return stderr ? bytes -> Streams.write(FileDescriptor.err, bytes) : bytes -> {};
  }
}
