package dev.pinnace.linux.file;

import static dev.pinnace.linux.file.MountApi.MS_PRIVATE;
import static dev.pinnace.linux.file.MountApi.MS_REC;

import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.internal.jna.Sys;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A detached mount made by mount(2), for options that fsconfig(2) cannot carry: mount(2) takes a
 * page of them, and relative paths in them. It happens on a thread of its own, in a mount namespace
 * that ends with the thread; the host's mount table is not touched.
 */
public final class PrivateMount {
  private static final long CLONE_NEWNS = 0x00020000;

  private PrivateMount() {}

  /**
   * Mounts and keeps the result.
   *
   * @param workingDirectory where relative paths in {@code data} start; not below /proc/self/fd,
   *     which leads back into the host's mount namespace
   * @param type the file system's type
   * @param data its options, comma-separated, below 4096 bytes
   * @param target a directory to mount on; only the thread's own namespace sees it
   * @throws ErrnoException if a step is refused
   */
  public static DetachedMount mount(Path workingDirectory, String type, String data, Path target) {
    CompletableFuture<DetachedMount> made = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                made.complete(mountHere(workingDirectory, type, data, target));
              } catch (RuntimeException | Error failure) {
                made.completeExceptionally(failure);
              }
            },
            "pinnace-mount");
    thread.setDaemon(true);
    thread.start();
    try {
      return made.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof ErrnoException refusal) {
        throw refusal;
      }
      throw failed;
    }
  }

  private static DetachedMount mountHere(Path directory, String type, String data, Path target) {
    Sys.UNSHARE.on("CLONE_NEWNS", CLONE_NEWNS);
    Mounts.mount("none", Path.of("/"), null, MS_REC | MS_PRIVATE, null);
    try (Scratch scratch = Scratch.borrow()) {
      // By name, not by a descriptor: that would lead back into the namespace it was opened in.
      Sys.CHDIR.on(directory.toString(), scratch.path(Sys.CHDIR, directory.toString()));
    }
    Mounts.mount(type, target, type, 0, data);
    try (Dir mounted = Dir.open(target)) {
      return DetachedMount.bind(mounted, false);
    }
  }
}
