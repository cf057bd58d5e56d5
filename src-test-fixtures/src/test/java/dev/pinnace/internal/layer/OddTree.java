package dev.pinnace.internal.layer;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.Fd;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.linux.file.Fcntl;
import dev.pinnace.linux.file.FileStat;
import dev.pinnace.linux.file.FileType;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes trees of odd things, and changes them in odd ways; one seed always does the same. */
final class OddTree {
  private static final byte[] CAPABILITY = {1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, (byte) 0xC0};
  private static final List<String> NAMES =
      List.of("a", "b", "ö,:=\\", "\uDCFF\uDC80", "line\nbreak", "x".repeat(200), "-", "wh.");

  private final Dir root;
  private final Random random;

  OddTree(Dir root, long seed) {
    this.root = root;
    this.random = new Random(seed);
  }

  /** Adds things. */
  void grow(int count) {
    for (int i = 0; i < count; i++) {
      make(newName(directory()));
    }
  }

  /** Changes, removes and replaces things. */
  void change(int count) {
    for (int i = 0; i < count; i++) {
      List<String> all = all();
      String path = all.get(random.nextInt(all.size()));
      try {
        change(path, root.stat(path));
      } catch (ErrnoException refusal) {
        throw new AssertionError("cannot change " + path, refusal);
      }
    }
  }

  private void change(String path, FileStat stat) {
    switch (random.nextInt(stat.isDirectory() ? 5 : 12)) {
      case 0 -> root.removeTree(path);
      case 1 -> {
        root.removeTree(path);
        make(path);
      }
      case 2 -> {
        root.removeTree(path);
        root.mkdir(path, 0755);
        write(path + "/in a new directory", "new");
      }
      case 3 -> root.chown(path, 1 + random.nextInt(70_000), 1 + random.nextInt(70_000));
      case 4 -> copyUp(path, stat);
      case 5 -> {
        String more = newName(directory());
        root.link(path, more);
      }
      case 6 -> root.rename(path, newName(directory()));
      case 7 -> {
        if (stat.isRegular()) {
          sameLengthAndTime(path, stat);
        }
      }
      case 8 -> {
        if (stat.isRegular()) {
          write(path, "changed " + random.nextInt());
        }
      }
      case 9 -> {
        if (stat.isRegular()) {
          root.setXattr(path, "security.capability", capability());
          root.setXattr(path, "user.note", new byte[] {0, (byte) random.nextInt(256)});
          root.setXattr(path, "user.a=b \uDCFF", new byte[] {'=', (byte) random.nextInt(256)});
        }
      }
      case 10 -> {
        if (!stat.isSymlink()) {
          root.chmod(path, random.nextInt(010000));
        }
      }
      default -> root.utimes(path, Instant.EPOCH, time());
    }
  }

  private byte[] capability() {
    byte[] value = java.util.Arrays.copyOf(CAPABILITY, 20);
    value[5] = (byte) (1 << random.nextInt(7));
    return value;
  }

  private void copyUp(String path, FileStat stat) {
    root.chown(path, stat.uid(), stat.gid());
    if (!stat.isSymlink()) {
      root.chmod(path, stat.permissions());
    }
  }

  private void sameLengthAndTime(String path, FileStat stat) {
    byte[] bytes = new byte[(int) stat.size()];
    random.nextBytes(bytes);
    try (Fd file = root.open(path, Fcntl.O_WRONLY, 0)) {
      file.write(bytes);
    }
    root.utimes(path, stat.accessed(), stat.modified());
  }

  private void make(String path) {
    switch (random.nextInt(9)) {
      case 0, 1 -> root.mkdir(path, 0700 | random.nextInt(01000));
      case 2 -> root.symlink("../" + path.length() + "/x".repeat(random.nextInt(150)), path);
      case 3 -> root.mknod(path, FileType.FIFO.bits() | 0640, 0, 0);
      case 4 ->
          root.mknod(
              path, FileType.CHARACTER_DEVICE.bits() | 0600, 1 + random.nextInt(500), 70_000);
      case 5 -> root.mknod(path, FileType.BLOCK_DEVICE.bits() | 0600, 259, random.nextInt(90_000));
      case 6 -> sparse(path);
      default -> {
        write(path, "made " + "x".repeat(random.nextInt(3000)));
        if (random.nextInt(4) == 0) {
          root.link(path, newName(directory()));
        }
      }
    }
    root.utimes(path, Instant.EPOCH, time());
  }

  private void sparse(String path) {
    write(path, "begin");
    try (Fd file = root.open(path, Fcntl.O_WRONLY, 0)) {
      dev.pinnace.linux.file.Inode.resize(file, 600_000 + random.nextInt(5));
    }
  }

  private Instant time() {
    return Instant.ofEpochSecond(1_000_000_000L + random.nextInt(700_000_000));
  }

  private void write(String path, String text) {
    try (Fd file = root.open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, 0644)) {
      file.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String newName(String directory) {
    String name =
        NAMES.get(random.nextInt(NAMES.size())) + Integer.toString(random.nextInt(1 << 20), 36);
    return directory.isEmpty() ? name : directory + "/" + name;
  }

  private String directory() {
    List<String> directories = new ArrayList<>(List.of(""));
    for (String path : all()) {
      if (root.stat(path).isDirectory() && path.length() < 1500) {
        directories.add(path);
      }
    }
    return directories.get(random.nextInt(directories.size()));
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    collect("", all);
    return all;
  }

  private void collect(String directory, List<String> into) {
    for (String name : directory.isEmpty() ? root.list() : root.list(directory)) {
      String path = directory.isEmpty() ? name : directory + "/" + name;
      into.add(path);
      if (root.stat(path).isDirectory()) {
        collect(path, into);
      }
    }
  }
}
