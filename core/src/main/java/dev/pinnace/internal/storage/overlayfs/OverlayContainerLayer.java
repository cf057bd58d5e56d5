package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.ContainerDirectory;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.Errno;
import dev.pinnace.linux.ErrnoException;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.LayerChanges;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.Usage;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An upper and a work directory over an image's layers; without an image, the upper alone. */
record OverlayContainerLayer(
    Path directory,
    Optional<Digest> top,
    List<Path> lowers,
    Path links,
    List<String> linkNames,
    boolean volatileSync,
    boolean userXattr)
    implements ContainerLayer {

  @Override
  public RootMount mount() {
    return lowers.isEmpty() ? new RootMount.Bind(upper()) : overlay();
  }

  private RootMount.Overlay overlay() {
    return new RootMount.Overlay(
        lowers,
        links,
        linkNames,
        upper(),
        ContainerDirectory.path(directory, OverlayDriver.WORK),
        volatileSync,
        userXattr);
  }

  private Path upper() {
    return ContainerDirectory.path(directory, OverlayDriver.UPPER);
  }

  @Override
  public SnapshotTree openTree() {
    return Attempt.to(
        "open the files of the container in " + directory,
        () -> {
          if (lowers.isEmpty()) {
            return OpenTree.of(upper());
          }
          forgetVolatileMount();
          return OpenTree.of(OverlayMounter.mount(OverlayMounter.Layers.of(overlay())));
        });
  }

  /** Removes the mark by which overlay refuses a second mount after a {@code volatile} one. */
  private void forgetVolatileMount() {
    try (Dir work = Dir.open(ContainerDirectory.path(directory, OverlayDriver.WORK))) {
      work.removeTree("work/incompat");
    } catch (ErrnoException refusal) {
      if (!refusal.is(Errno.ENOENT)) {
        throw refusal;
      }
    }
  }

  @Override
  public LayerChanges changes() {
    if (lowers.isEmpty()) {
      return new LayerChanges.Full(upper(), Optional.empty());
    }
    return new LayerChanges.Upper(
        upper(), lowers, userXattr ? Whiteouts.OVERLAY_USER : Whiteouts.OVERLAY);
  }

  @Override
  public void include(List<Path> files) {
    ContainerDirectory.include(directory, files);
  }

  @Override
  public Usage usage() {
    return Attempt.to(
        "measure the files of the container in " + directory,
        () -> {
          try (Dir upper = Dir.open(upper())) {
            return Trees.usage(upper);
          }
        });
  }
}
