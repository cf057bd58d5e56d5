package dev.pinnace.internal.image.host;

import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.internal.content.Sha256;
import dev.pinnace.internal.layer.TarEntry;
import dev.pinnace.internal.layer.TarWriter;
import dev.pinnace.spec.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files of the host at their own paths, with the directories above them and every symbolic link on
 * the way, or at others, to be written as one layer: sorted and without times, so that the same
 * files give the same bytes. Extended attributes are not taken.
 */
final class HostTree {
  private static final int MOST_LINKS = 40;
  private static final List<Path> KERNEL = List.of(Path.of("/proc"), Path.of("/sys"));
  private static final int CHUNK = 1 << 16;

  private sealed interface Node {
    record Host(Path path, Map<String, Object> attributes) implements Node {}

    record Text(String content) implements Node {}

    record Directory(int mode) implements Node {}
  }

  private final NavigableMap<String, Node> nodes = new TreeMap<>();

  /** What was put somewhere else than at its own path, and stays there. */
  private final Set<String> placed = new HashSet<>();

  /** Adds a directory that the host need not have, unless there is something already. */
  void directory(String name, int mode) {
    nodes.putIfAbsent(name, new Node.Directory(mode));
  }

  /** Adds a file of text, 0644, unless there is something already. */
  void text(String name, String content) {
    nodes.putIfAbsent(name, new Node.Text(content));
  }

  /**
   * Adds a file at an absolute path, and the links that lead there.
   *
   * @return the path without symbolic links
   */
  Path add(Path path) throws IOException {
    Path at = Path.of("/");
    Path left = at.relativize(path.normalize());
    for (int links = 0; links <= MOST_LINKS; links++) {
      Path next = walk(at, left);
      if (!Files.isSymbolicLink(next)) {
        return next;
      }
      Path rest = left.subpath(0, left.getNameCount());
      int done = next.getNameCount() - at.getNameCount();
      Path target = next.resolveSibling(Files.readSymbolicLink(next)).normalize();
      Path whole =
          done < rest.getNameCount()
              ? target.resolve(rest.subpath(done, rest.getNameCount()))
              : target;
      left = at.relativize(whole.normalize());
    }
    throw new InvalidSpecException(path + " is behind more than " + MOST_LINKS + " links");
  }

  /**
   * Adds what is at an absolute path, and the files that links in a directory lead to, wherever
   * they are, but for those in proc and sysfs. A link to a directory stays as it is.
   *
   * @return every file that is there now, without symbolic links
   */
  List<Path> addWhole(Path path) throws IOException {
    Set<Path> files = new LinkedHashSet<>();
    Path real = add(path);
    if (Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
      List<Path> links = new ArrayList<>();
      addBelow(real, child -> (Files.isSymbolicLink(child) ? links : files).add(child));
      for (Path link : links) {
        if (Files.isRegularFile(link) && !isOfTheKernel(link.toRealPath())) {
          files.add(add(link));
        }
      }
    } else {
      files.add(real);
    }
    return List.copyOf(files);
  }

  /** Such files say something else each time, and have no length. */
  private static boolean isOfTheKernel(Path file) {
    return KERNEL.stream().anyMatch(file::startsWith);
  }

  /**
   * Adds what an absolute path leads to at another one, below directories that are made; of a
   * directory everything, with its links as they are.
   *
   * @return every file that is there now, where the host has it
   */
  List<Path> addAt(Path path, Path at) throws IOException {
    List<Path> files = new ArrayList<>();
    if (!Files.exists(path)) {
      throw new NotFoundException("there is no " + path + " on this host");
    }
    Path real = path.toRealPath();
    String place = place(at);
    place(real, place);
    if (Files.isDirectory(real)) {
      List<Path> below = new ArrayList<>();
      walkBelow(real, below::add);
      for (Path child : below) {
        place(child, place + "/" + real.relativize(child));
        if (Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
          files.add(child);
        }
      }
    } else {
      files.add(real);
    }
    return files;
  }

  /** Where a path of the image is behind the links that are there; what is above it is made. */
  private String place(Path at) throws IOException {
    return name(
        behindLinks(at, above -> makeDirectory(above, at))
            .orElseThrow(
                () ->
                    new InvalidSpecException(
                        at + " is behind more than " + MOST_LINKS + " links")));
  }

  /**
   * Where a path of the image is behind the links that are there; empty if they are too many.
   *
   * @param above hears of the directories on the way
   */
  private Optional<Path> behindLinks(Path at, Consumer<Path> above) throws IOException {
    Path done = Path.of("/");
    Deque<Path> left = new ArrayDeque<>();
    at.normalize().forEach(left::add);
    for (int links = 0; !left.isEmpty(); ) {
      Path next = done.resolve(left.pop());
      if (node(next) instanceof Node.Host host && isLink(host)) {
        links++;
        if (links > MOST_LINKS) {
          return Optional.empty();
        }
        Path target = done.resolve(Files.readSymbolicLink(host.path())).normalize();
        List<Path> more = new ArrayList<>();
        target.forEach(more::add);
        Collections.reverse(more);
        more.forEach(left::push);
        done = Path.of("/");
      } else {
        if (!left.isEmpty()) {
          above.accept(next);
        }
        done = next;
      }
    }
    return Optional.of(done);
  }

  private void makeDirectory(Path directory, Path at) {
    directory(name(directory), 0755);
    if (!isDirectory(node(directory))) {
      throw new InvalidSpecException(
          "nothing can be added at " + at + ": " + directory + " is a file in the image");
    }
  }

  private @Nullable Node node(Path path) {
    return nodes.get(name(path));
  }

  private static String name(Path path) {
    return path.toString().substring(1);
  }

  private static boolean isLink(Node.Host host) {
    return Boolean.TRUE.equals(host.attributes().get("isSymbolicLink"));
  }

  private static boolean isDirectory(@Nullable Node node) {
    return node instanceof Node.Directory || (node instanceof Node.Host host && isDirectory(host));
  }

  private static boolean isDirectory(Node.Host host) {
    return Boolean.TRUE.equals(host.attributes().get("isDirectory"));
  }

  /** Whether there is a file at an absolute path of the image, behind the links that are there. */
  boolean hasFile(Path path) throws IOException {
    Node node = behindLinks(path, above -> {}).map(this::node).orElse(null);
    return node != null && !isDirectory(node);
  }

  /** Whether there is something of that name in any directory. */
  boolean hasFileNamed(String name) {
    return nodes.keySet().stream()
        .anyMatch(path -> path.endsWith(name) && path.endsWith("/" + name));
  }

  /** Adds a symbolic link by itself. */
  void addLink(Path link) throws IOException {
    put(link);
  }

  /** Takes in component after component, up to and including the first symbolic link. */
  private Path walk(Path from, Path relative) throws IOException {
    Path at = from;
    for (Path component : relative) {
      if (component.toString().isEmpty()) {
        continue;
      }
      at = at.resolve(component);
      put(at);
      if (Files.isSymbolicLink(at)) {
        break;
      }
    }
    return at;
  }

  /** Files and links are told to {@code found}. */
  private void addBelow(Path directory, Consumer<Path> found) throws IOException {
    List<Path> below = new ArrayList<>();
    walkBelow(directory, below::add);
    for (Path child : below) {
      put(child);
      if (!Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        found.accept(child);
      }
    }
  }

  private static void walkBelow(Path directory, Consumer<Path> found) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        found.accept(child);
        if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
          walkBelow(child, found);
        }
      }
    }
  }

  private void put(Path path) throws IOException {
    if (!placed.contains(name(path))) {
      put(path, name(path));
    } else if (isDirectory(node(path)) != Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new InvalidSpecException(
          path
              + " cannot be in the image beside what was put in its place: one of them is a"
              + " directory, and the other is not");
    }
  }

  private void place(Path path, String name) throws IOException {
    put(path, name);
    placed.add(name);
  }

  private void put(Path path, String name) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new NotFoundException("there is no " + path + " on this host");
    }
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    if (Boolean.TRUE.equals(attributes.get("isOther"))) {
      throw new InvalidSpecException(
          path + " is neither file, directory nor symbolic link: it cannot go into an image");
    }
    Node.Host host = new Node.Host(path, attributes);
    String below = nodes.ceilingKey(name + "/");
    if (!isDirectory(host) && below != null && below.startsWith(name + "/")) {
      throw new InvalidSpecException(
          path + " cannot be /" + name + " in the image, where that is a directory with files");
    }
    nodes.put(name, host);
  }

  /** What changes when a file does, though not by its content: paths, modes, lengths, times. */
  Digest fingerprint() throws IOException {
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, Node> entry : nodes.entrySet()) {
      all.append(entry.getKey()).append('\0');
      if (entry.getValue() instanceof Node.Host host) {
        for (String key : new String[] {"mode", "uid", "gid", "size", "ino", "ctime"}) {
          all.append(host.attributes().get(key)).append(' ');
        }
        all.append(host.attributes().get("lastModifiedTime"));
      } else {
        all.append(entry.getValue());
      }
      all.append('\n');
    }
    return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the layer. */
  void write(TarWriter tar) throws IOException {
    for (Map.Entry<String, Node> entry : nodes.entrySet()) {
      String name = entry.getKey();
      if (entry.getValue() instanceof Node.Directory directory) {
        tar.entry(TarEntry.directory(name + "/").withPermissions(directory.mode()));
      } else if (entry.getValue() instanceof Node.Text text) {
        byte[] bytes = text.content().getBytes(StandardCharsets.UTF_8);
        tar.entry(TarEntry.file(name, bytes.length));
        tar.write(bytes, 0, bytes.length);
      } else if (entry.getValue() instanceof Node.Host host) {
        write(tar, name, host);
      }
    }
  }

  private static void write(TarWriter tar, String name, Node.Host host) throws IOException {
    Map<String, Object> attributes = host.attributes();
    if (isLink(host)) {
      tar.entry(TarEntry.symlink(name, Files.readSymbolicLink(host.path()).toString()));
      return;
    }
    boolean isDirectory = isDirectory(host);
    long size = isDirectory ? 0 : number(attributes, "size");
    TarEntry entry = isDirectory ? TarEntry.directory(name + "/") : TarEntry.file(name, size);
    tar.entry(
        entry
            .withPermissions((int) number(attributes, "mode") & 07777)
            .withOwner((int) number(attributes, "uid"), (int) number(attributes, "gid")));
    if (!isDirectory) {
      copy(tar, host.path(), size);
    }
  }

  private static long number(Map<String, Object> attributes, String key) {
    return attributes.get(key) instanceof Number number ? number.longValue() : 0;
  }

  private static void copy(TarWriter tar, Path file, long size) throws IOException {
    byte[] chunk = new byte[CHUNK];
    long left = size;
    try (InputStream in = Files.newInputStream(file)) {
      while (left > 0) {
        int got = in.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (got < 0) {
          throw new IOException(file + " became shorter while it was read");
        }
        tar.write(chunk, 0, got);
        left -= got;
      }
    }
  }
}
