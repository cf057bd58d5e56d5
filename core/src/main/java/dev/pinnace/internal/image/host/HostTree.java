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
import java.util.Map;
import java.util.TreeMap;

/**
 * Files of the host at their own paths, with the directories above them and every symbolic link on
 * the way, to be written as one layer: sorted and without times, so that the same files give the
 * same bytes. Extended attributes are not taken.
 */
final class HostTree {
  private static final int MOST_LINKS = 40;
  private static final int CHUNK = 1 << 16;

  private sealed interface Node {
    record Host(Path path, Map<String, Object> attributes) implements Node {}

    record Text(String content) implements Node {}

    record Directory(int mode) implements Node {}
  }

  private final Map<String, Node> nodes = new TreeMap<>();

  /** Adds a directory that the host need not have, unless there is something already. */
  void directory(String name, int mode) {
    nodes.putIfAbsent(name, new Node.Directory(mode));
  }

  /** Adds a file of text, 0644, unless there is something already. */
  void text(String name, String content) {
    nodes.putIfAbsent(name, new Node.Text(content));
  }

  /**
   * Adds what is at an absolute path: the links that lead there and, of a directory, everything
   * below.
   *
   * @return the path without symbolic links
   */
  Path add(Path path) throws IOException {
    Path real = addChain(path);
    if (Files.isDirectory(real, LinkOption.NOFOLLOW_LINKS)) {
      addBelow(real);
    }
    return real;
  }

  /** Adds a symbolic link by itself. */
  void addLink(Path link) throws IOException {
    put(link);
  }

  private Path addChain(Path path) throws IOException {
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

  private void addBelow(Path directory) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        put(child);
        if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
          addBelow(child);
        }
      }
    }
  }

  private void put(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new NotFoundException("there is no " + path + " on this host");
    }
    Map<String, Object> attributes =
        Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    if (Boolean.TRUE.equals(attributes.get("isOther"))) {
      throw new InvalidSpecException(
          path + " is neither file, directory nor symbolic link: it cannot go into an image");
    }
    nodes.put(path.toString().substring(1), new Node.Host(path, attributes));
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
    if (Boolean.TRUE.equals(attributes.get("isSymbolicLink"))) {
      tar.entry(TarEntry.symlink(name, Files.readSymbolicLink(host.path()).toString()));
      return;
    }
    boolean isDirectory = Boolean.TRUE.equals(attributes.get("isDirectory"));
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
