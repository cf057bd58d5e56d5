package dev.pinnace.linux.file;

import java.util.List;

/**
 * A line of /proc/PID/mountinfo (proc(5)), octal escapes undone.
 *
 * @param id the mount's id, as {@link FileStat#mountId} gives it
 * @param parent the id of the mount it is on
 * @param device {@code major:minor}
 * @param root the directory of the file system that is its root
 * @param target where it is attached
 * @param options options of the mount
 * @param optional propagation fields: {@code shared:N}, {@code master:N}, {@code unbindable}
 * @param type file system type
 * @param source what is mounted, as the file system chose to call it
 * @param superOptions options of the superblock
 */
public record MountInfo(
    long id,
    long parent,
    String device,
    String root,
    String target,
    List<String> options,
    List<String> optional,
    String type,
    String source,
    List<String> superOptions) {

  public MountInfo {
    options = List.copyOf(options);
    optional = List.copyOf(optional);
    superOptions = List.copyOf(superOptions);
  }

  /** Whether mounts made below it show up in other namespaces. */
  public boolean isShared() {
    return optional.stream().anyMatch(field -> field.startsWith("shared:"));
  }

  public boolean isReadOnly() {
    return options.contains("ro");
  }

  /**
   * Parses one line.
   *
   * @throws IllegalArgumentException if it is not one
   */
  static MountInfo parse(String line) {
    List<String> fields = List.of(line.split(" ", -1));
    int separator = fields.indexOf("-");
    if (separator < 6 || fields.size() < separator + 4) {
      throw new IllegalArgumentException("not a line of mountinfo: " + line);
    }
    return new MountInfo(
        Long.parseLong(fields.get(0)),
        Long.parseLong(fields.get(1)),
        fields.get(2),
        unescape(fields.get(3)),
        unescape(fields.get(4)),
        options(fields.get(5)),
        fields.subList(6, separator),
        fields.get(separator + 1),
        unescape(fields.get(separator + 2)),
        options(fields.get(separator + 3)));
  }

  private static List<String> options(String field) {
    return List.of(field.split(","));
  }

  private static String unescape(String field) {
    if (field.indexOf('\\') < 0) {
      return field;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }
}
