package dev.pinnace.internal.storage.vfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.ContainerDirectory;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.LayerChanges;
import dev.pinnace.spi.storage.RootMount;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A copy of the image for one container. */
record VfsContainerLayer(Path directory, Optional<Digest> top, Path root, Optional<Path> base)
    implements ContainerLayer {

  @Override
  public RootMount mount() {
    return new RootMount.Bind(root);
  }

  @Override
  public SnapshotTree openTree() {
    return Attempt.to("open the files of the container in " + directory, () -> OpenTree.of(root));
  }

  @Override
  public LayerChanges changes() {
    return new LayerChanges.Full(root, base);
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
          try (Dir tree = Dir.open(root)) {
            return Trees.usage(tree);
          }
        });
  }
}
