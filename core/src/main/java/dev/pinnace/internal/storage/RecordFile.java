package dev.pinnace.internal.storage;

import dev.pinnace.error.CorruptException;
import dev.pinnace.internal.durable.Durable;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A small text file of lines {@code key value}: one space, no empty lines, UTF-8. Immutable.
 *
 * @param what the file, as messages call it
 */
public record RecordFile(String what, Map<String, String> entries) {
  private static final int LONGEST = 64 * 1024;

  public RecordFile {
    entries = Map.copyOf(entries);
  }

  /** Reads {@code relative}; ENOENT if there is none. */
  public static RecordFile read(Dir dir, String relative) {
    String what = dir + "/" + relative;
    String text;
    try (Fd file = dir.open(relative, Fcntl.O_RDONLY, 0)) {
      text = new String(file.readAll(LONGEST), StandardCharsets.UTF_8);
    }
    Map<String, String> entries = new TreeMap<>();
    for (String line : text.lines().toList()) {
      int space = line.indexOf(' ');
      if (space < 1 || entries.put(line.substring(0, space), line.substring(space + 1)) != null) {
        throw new CorruptException(
            "storage record " + what + " holds a line that is not \"key value\": \"" + line + "\"");
      }
    }
    return new RecordFile(what, entries);
  }

  /**
   * Replaces {@code name}, readable by its owner alone.
   *
   * @param sync whether it is forced to the disk
   */
  public static void write(Dir dir, String name, Map<String, String> entries, boolean sync) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(entries)
        .forEach((key, value) -> text.append(key).append(' ').append(value).append('\n'));
    Durable.write(dir, name, text.toString().getBytes(StandardCharsets.UTF_8), sync);
  }

  /** The value of {@code key}, if there is one. */
  public Optional<String> find(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  /**
   * The value of {@code key}.
   *
   * @throws CorruptException if there is none
   */
  public String get(String key) {
    return find(key)
        .orElseThrow(
            () -> new CorruptException("storage record " + what + " lacks \"" + key + "\""));
  }
}
