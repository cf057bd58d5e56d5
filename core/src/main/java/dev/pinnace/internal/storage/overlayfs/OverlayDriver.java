package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.error.UnsupportedException;
import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.internal.storage.ContainerDirectory;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.RecordFile;
import dev.pinnace.internal.storage.Trees;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.Usage;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Layers as overlay's lower directories. */
final class OverlayDriver implements StorageDriver {
  static final String DIFF = "diff";
  static final String EMPTY = "empty";
  static final String UPPER = "upper";
  static final String WORK = "work";
  static final String VOLATILE = "volatile";
  private static final String LINK = "link";

  private final Path path;
  private final StorageOptions options;
  private final LayerStore store;
  private final ShortLinks links;

  OverlayDriver(Path path, StorageOptions options) {
    this.path = path;
    this.options = options;
    this.store = LayerStore.open(path, options.syncOnCommit());
    this.links = new ShortLinks(store.dir());
    try {
      Attempt.run(
          "make the directories of " + path,
          () -> {
            store.dir().mkdirs(ShortLinks.DIRECTORY, 0700);
            store.dir().mkdirs(EMPTY, 0755);
          });
    } catch (RuntimeException | Error failure) {
      store.close();
      throw failure;
    }
  }

  @Override
  public String name() {
    return OverlayProvider.NAME;
  }

  @Override
  public boolean contains(Digest chainId) {
    return store.contains(chainId);
  }

  @Override
  public Set<Digest> layers() {
    return store.layers();
  }

  @Override
  public Optional<Digest> parent(Digest chainId) {
    return store.parent(chainId);
  }

  @Override
  public LayerDraft prepare(Digest chainId, Optional<Digest> parent) {
    List<Path> below = parent.map(this::lowers).orElse(List.of());
    return new OverlayDraft(store, links, chainId, parent, below, whiteouts());
  }

  static Map<String, String> record(String link) {
    return Map.of(LINK, link);
  }

  @Override
  public void remove(Digest chainId) {
    store.remove(chainId, record -> record.find(LINK).ifPresent(links::remove));
  }

  @Override
  public SnapshotTree view(Digest chainId) {
    List<LayerStore.Layer> chain = store.chain(chainId);
    List<Path> lowers = new ArrayList<>(paths(chain));
    List<String> names = new ArrayList<>(linkNames(chain));
    lowers.add(path.resolve(EMPTY));
    names.add("../" + EMPTY);
    List<String> flags = new ArrayList<>(List.of("redirect_dir=nofollow", "metacopy=off"));
    if (options.userNamespace()) {
      flags.add("userxattr");
    }
    OverlayMounter.Layers layers =
        new OverlayMounter.Layers(lowers, linkDirectory(), names, Optional.empty(), flags);
    return Attempt.to(
        "look into layer " + chainId, () -> OpenTree.of(OverlayMounter.mount(layers)));
  }

  @Override
  public ContainerLayer create(
      Path directory, Optional<Digest> top, ContainerLayerOptions layerOptions) {
    if (layerOptions.sizeLimit().isPresent()) {
      throw new UnsupportedException(
          "a size limit on a container's files",
          "the storage driver " + name() + " has no quota",
          "put the engine's root on a file system of that size, or create without the limit");
    }
    List<LayerStore.Layer> chain = top.map(store::chain).orElse(List.of());
    ContainerDirectory.create(
        directory,
        name(),
        top,
        Map.of(VOLATILE, Boolean.toString(layerOptions.volatileSync())),
        layer -> {
          layer.mkdir(UPPER, 0755);
          layer.mkdir(WORK, 0700);
          likeTop(paths(chain), layer, UPPER);
        });
    return containerLayer(directory, top, chain, layerOptions.volatileSync());
  }

  @Override
  public ContainerLayer open(Path directory) {
    RecordFile record = ContainerDirectory.read(directory, name());
    Optional<Digest> top = ContainerDirectory.top(record);
    List<LayerStore.Layer> chain = top.map(store::chain).orElse(List.of());
    return containerLayer(directory, top, chain, Boolean.parseBoolean(record.get(VOLATILE)));
  }

  private ContainerLayer containerLayer(
      Path directory, Optional<Digest> top, List<LayerStore.Layer> chain, boolean volatileSync) {
    return new OverlayContainerLayer(
        directory,
        top,
        paths(chain),
        linkDirectory(),
        linkNames(chain),
        volatileSync,
        options.userNamespace());
  }

  @Override
  public void delete(Path directory) {
    ContainerDirectory.delete(directory);
  }

  @Override
  public Usage usage(Digest chainId) {
    store.record(chainId);
    return Attempt.to(
        "measure layer " + chainId,
        () -> {
          try (Dir diff = store.dir().openDir(chainId.hex() + "/" + DIFF)) {
            return Trees.usage(diff);
          }
        });
  }

  @Override
  public int recover() {
    return store.recover(links::recover);
  }

  @Override
  public void close() {
    store.close();
  }

  /** The root directory of what is above shows itself as the root directory of the top layer. */
  static void likeTop(List<Path> lowers, Dir parent, String name) {
    if (lowers.isEmpty()) {
      parent.chmod(name, 0755);
      return;
    }
    Path top = lowers.get(0);
    try (Dir above = Dir.open(top.resolveSibling("."))) {
      Attributes.copy(above, DIFF, above.stat(DIFF), parent, name);
    }
  }

  private Whiteouts whiteouts() {
    return options.userNamespace() ? Whiteouts.OVERLAY_USER : Whiteouts.OVERLAY;
  }

  private List<Path> lowers(Digest top) {
    return paths(store.chain(top));
  }

  private List<Path> paths(List<LayerStore.Layer> chain) {
    return chain.stream().map(layer -> store.path(layer.chainId(), DIFF)).toList();
  }

  private static List<String> linkNames(List<LayerStore.Layer> chain) {
    return chain.stream().map(layer -> layer.record().get(LINK)).toList();
  }

  private Path linkDirectory() {
    return path.resolve(ShortLinks.DIRECTORY);
  }
}
