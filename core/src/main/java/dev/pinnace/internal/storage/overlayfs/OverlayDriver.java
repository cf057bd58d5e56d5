package dev.pinnace.internal.storage.overlayfs;

import dev.pinnace.internal.storage.Attempt;
import dev.pinnace.internal.storage.Attributes;
import dev.pinnace.internal.storage.LayerStore;
import dev.pinnace.internal.storage.LayerStoreDriver;
import dev.pinnace.internal.storage.OpenTree;
import dev.pinnace.internal.storage.RecordFile;
import dev.pinnace.internal.storage.StoredDraft;
import dev.pinnace.linux.file.Dir;
import dev.pinnace.spec.Digest;
import dev.pinnace.spi.storage.ContainerLayer;
import dev.pinnace.spi.storage.ContainerLayerOptions;
import dev.pinnace.spi.storage.LayerDraft;
import dev.pinnace.spi.storage.SnapshotTree;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.Whiteouts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Layers as overlay's lower directories. */
final class OverlayDriver extends LayerStoreDriver {
  static final String DIFF = "diff";
  static final String EMPTY = "empty";
  static final String UPPER = "upper";
  static final String WORK = "work";
  private static final String VOLATILE = "volatile";
  private static final String LINK = "link";

  private final Path path;
  private final StorageOptions options;
  private final ShortLinks links;

  OverlayDriver(Path path, StorageOptions options) {
    super(OverlayProvider.NAME, DIFF, LayerStore.open(path, DIFF, options.syncOnCommit()));
    this.path = path;
    this.options = options;
    this.links = new ShortLinks(store().dir());
    try {
      Attempt.run(
          "make the directories of " + path,
          () -> {
            store().dir().mkdirs(ShortLinks.DIRECTORY, 0700);
            store().dir().mkdirs(EMPTY, 0755);
          });
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  @Override
  public LayerDraft prepare(Digest chainId, Optional<Digest> parent) {
    List<Path> below = below(parent);
    return begin(chainId, parent, () -> below, draft -> likeTop(below, draft, DIFF));
  }

  @Override
  public boolean preparesAhead() {
    return true;
  }

  @Override
  public LayerDraft prepareAhead(Digest chainId, Optional<Digest> parent) {
    return begin(chainId, parent, () -> below(parent), draft -> draft.chmod(DIFF, 0755));
  }

  private List<Path> below(Optional<Digest> parent) {
    return paths(parent.map(store()::chain).orElse(List.of()));
  }

  private LayerDraft begin(
      Digest chainId, Optional<Digest> parent, Supplier<List<Path>> below, Consumer<Dir> root) {
    return StoredDraft.begin(
        store(),
        chainId,
        parent,
        new StoredDraft.Form(
            DIFF,
            below,
            options.userNamespace() ? Whiteouts.OVERLAY_USER : Whiteouts.OVERLAY,
            draft -> {
              draft.mkdir(DIFF, 0755);
              root.accept(draft);
            },
            () -> Map.of(LINK, links.assign(chainId.hex()))));
  }

  @Override
  protected void forget(RecordFile record) {
    record.find(LINK).ifPresent(links::remove);
  }

  @Override
  public SnapshotTree view(Digest chainId) {
    List<LayerStore.Layer> chain = store().chain(chainId);
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
  protected Shape shape(Optional<Digest> top) {
    return new Upper(top, top.map(store()::chain).orElse(List.of()));
  }

  private final class Upper implements Shape {
    private final Optional<Digest> top;
    private final List<LayerStore.Layer> chain;

    Upper(Optional<Digest> top, List<LayerStore.Layer> chain) {
      this.top = top;
      this.chain = chain;
    }

    @Override
    public Map<String, String> details(ContainerLayerOptions layerOptions) {
      return Map.of(VOLATILE, Boolean.toString(layerOptions.volatileSync()));
    }

    @Override
    public void fill(Dir layer) {
      layer.mkdir(UPPER, 0755);
      layer.mkdir(WORK, 0700);
      likeTop(paths(chain), layer, UPPER);
    }

    @Override
    public ContainerLayer in(Path directory, RecordFile record) {
      return new OverlayContainerLayer(
          directory,
          top,
          paths(chain),
          linkDirectory(),
          linkNames(chain),
          Boolean.parseBoolean(record.get(VOLATILE)),
          options.userNamespace());
    }
  }

  @Override
  public int recover() {
    return store().recover(links::recover);
  }

  /** The root directory of what is above shows itself as the root directory of the top layer. */
  private static void likeTop(List<Path> lowers, Dir parent, String name) {
    if (lowers.isEmpty()) {
      parent.chmod(name, 0755);
      return;
    }
    Path top = lowers.get(0);
    try (Dir above = Dir.open(top.resolveSibling("."))) {
      Attributes.copy(above, DIFF, above.stat(DIFF), parent, name);
    }
  }

  private List<Path> paths(List<LayerStore.Layer> chain) {
    return chain.stream().map(layer -> store().path(layer.chainId(), DIFF)).toList();
  }

  private static List<String> linkNames(List<LayerStore.Layer> chain) {
    return chain.stream().map(layer -> layer.record().get(LINK)).toList();
  }

  private Path linkDirectory() {
    return path.resolve(ShortLinks.DIRECTORY);
  }
}
