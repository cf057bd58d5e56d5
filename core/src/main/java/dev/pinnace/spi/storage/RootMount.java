package dev.pinnace.spi.storage;

import dev.pinnace.error.InvalidSpecException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How a container's root file system is mounted: carried out inside the container's mount
 * namespace, never on the host. All paths are absolute, of the host's view.
 */
public sealed interface RootMount {
  /**
   * The directory itself is the root: a bind mount.
   *
   * @param directory owned by this container alone
   */
  record Bind(Path directory) implements RootMount {}

  /**
   * Layers over each other (kernel: <i>Documentation/filesystems/overlayfs.rst</i>).
   *
   * <p>Where fsconfig(2) knows {@code lowerdir+} up to the creation (6.5 and later), lowers are
   * given one by one by full path. Elsewhere they go into one option string, which is at most 255
   * bytes for fsconfig and a page for mount(2): change into {@code links} and name {@code
   * linkNames} joined by colons. Change by name, in the mount namespace that mounts: a descriptor
   * from before leads to lower layers of another namespace, which overlay refuses (EINVAL). Upper
   * and work keep their absolute paths.
   *
   * @param lowers the layers' directories, top first; at least one
   * @param links a directory of symbolic links to them
   * @param linkNames the links, in the order of {@code lowers}; two or three characters each
   * @param upper what the container writes
   * @param work overlay's scratch directory, on the same file system as {@code upper}
   * @param volatileSync mount with the option {@code volatile}
   * @param userXattr mount with the option of that name
   */
  record Overlay(
      List<Path> lowers,
      Path links,
      List<String> linkNames,
      Path upper,
      Path work,
      boolean volatileSync,
      boolean userXattr)
      implements RootMount {
    public Overlay {
      lowers = List.copyOf(lowers);
      linkNames = List.copyOf(linkNames);
      if (lowers.isEmpty() || lowers.size() != linkNames.size()) {
        throw new InvalidSpecException(
            "an overlay needs a layer below, and one link for each: "
                + lowers.size()
                + " layers, "
                + linkNames.size()
                + " links");
      }
    }

    /**
     * The other options, as {@code key} or {@code key=value}, for fsconfig(2) one by one or for
     * mount(2) joined by commas. Redirects and metadata-only copies are off, so that the upper
     * directory can be read by itself, and so that no layer can point outside of itself.
     */
    public List<String> options() {
      List<String> options = new ArrayList<>();
      options.add("redirect_dir=nofollow");
      options.add("metacopy=off");
      options.add("index=off");
      if (userXattr) {
        options.add("userxattr");
      }
      if (volatileSync) {
        options.add("volatile");
      }
      return List.copyOf(options);
    }

    /**
     * What an earlier mount with {@code volatile} left and the next one refuses to see: a file and
     * then two directories, each to be removed before every mount, ENOENT tolerated.
     */
    public List<Path> volatileMarks() {
      Path incompat = work.resolve("work").resolve("incompat");
      Path mark = incompat.resolve("volatile");
      return List.of(mark.resolve("dirty"), mark, incompat);
    }
  }
}
